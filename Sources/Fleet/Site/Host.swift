package import PrimitiveKit

/// A machine bots run on.
package struct Host: Hashable, Sendable {
  /// How a host is reached.
  package enum Transport: String, Sendable, CaseIterable {
    case ssh, local
  }

  package var name: String
  /// What to connect to; the name unless the site says otherwise.
  package var address: String
  package var port: Int
  /// The account to log in as; nil for the account opsh runs under.
  package var user: String?
  /// The bots of this host.
  package var bots: NameSet
  package var groups: [String]
  package var tags: [String: String]
  /// The id of the runtime that runs the bots.
  package var runtime: String
  package var transport: Transport

  package init(
    name: String,
    address: String? = nil,
    port: Int = 22,
    user: String? = nil,
    bots: NameSet = NameSet(),
    groups: [String] = [],
    tags: [String: String] = [:],
    runtime: String = "process",
    transport: Transport = .ssh
  ) {
    self.name = name
    self.address = address ?? name
    self.port = port
    self.user = user
    self.bots = bots
    self.groups = groups
    self.tags = tags
    self.runtime = runtime
    self.transport = transport
  }
}

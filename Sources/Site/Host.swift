package import PrimitiveKit

/// A machine bots run on.
package struct Host: Hashable, Sendable {
  package var name: String
  /// What to connect to; the name unless the site says otherwise.
  package var address: String
  package var port: Int
  /// The account to log in as; nil for the account opsh runs under.
  package var user: String?
  /// The bots of this host.
  package var bots: NameSet
  package var groups: [String]
  /// Selectors of the hosts that must be up before it, for restarts in order.
  package var after: [String] = []
  package var tags: [String: String]
  /// The id of the runtime that runs the bots.
  package var runtime: String
  package var transport: HostAddress.Kind

  package init(
    name: String,
    address: String? = nil,
    port: Int = 22,
    user: String? = nil,
    bots: NameSet = NameSet(),
    groups: [String] = [],
    tags: [String: String] = [:],
    runtime: String = "process",
    transport: HostAddress.Kind = .ssh
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

  /// Where and how a transport reaches the host.
  ///
  /// `defaultUser` is the account when neither host nor site names one: whoever runs opsh.
  package func hostAddress(defaultUser: String) -> HostAddress {
    HostAddress(name: name, address: address, port: port, user: user ?? defaultUser, kind: transport)
  }
}

/// A bot and the host that runs it.
package struct Bot: Hashable, Sendable {
  package let name: String
  package let host: Host

  package init(name: String, host: Host) {
    self.name = name
    self.host = host
  }
}

/// Where a host is reached and as whom.
package struct SSHEndpoint: Hashable, Sendable {
  /// A host name or a numeric IPv4 or IPv6 address.
  package var address: String
  package var port: UInt16
  package var user: String
  /// What messages call it: the host's name in the site.
  package var name: String

  /// Describes a host; without `name` messages use the address.
  package init(address: String, port: UInt16 = 22, user: String, name: String? = nil) {
    self.address = address
    self.port = port
    self.user = user
    self.name = name ?? address
  }

  /// The server behind the endpoint, as known_hosts and `ssh` write it: `[address]:port` unless the port is 22.
  var server: String { port == 22 ? address : "[\(address)]:\(port)" }
}

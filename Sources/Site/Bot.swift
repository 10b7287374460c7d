/// A bot and the host that runs it.
package struct Bot: Hashable, Sendable {
  package let name: String
  package let host: Host

  package init(name: String, host: Host) {
    self.name = name
    self.host = host
  }
}

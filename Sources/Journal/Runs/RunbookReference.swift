/// Which bytes of which runbook a run executes.
package struct RunbookReference: Sendable, Equatable, Codable {
  package var name: String
  package var version: String
  /// Of its bytes, in hexadecimal digits.
  package var sha256: String
  package var path: String

  package init(name: String, version: String, sha256: String, path: String) {
    self.name = name
    self.version = version
    self.sha256 = sha256
    self.path = path
  }
}

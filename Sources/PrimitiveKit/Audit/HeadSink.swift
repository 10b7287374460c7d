/// Keeps heads of the audit chain where who owns the journal cannot rewrite them unseen.
package protocol HeadSink: Sendable {
  /// What messages call it, for example `logger` or `syslog`.
  var name: String { get }

  /// Keeps one line; returns once it was taken.
  ///
  /// Throws `audit.sink` with the reason.
  func send(_ line: String) async throws(CallFailure)
}

extension CallFailure {
  /// The failure of a sink to take a head.
  package static func auditSink(_ name: String, _ reason: String) -> CallFailure {
    CallFailure(
      .failed,
      code: "audit.sink",
      message: "\(name): \(reason)",
      hint: "check `audit` in the site: it says where heads go"
    )
  }
}

import Foundations
package import PrimitiveKit

extension Journal {
  /// Adds an audit record; `who` is added to the body, and a body that is no table becomes its field `value`.
  package func append(_ event: String, run: String?, body: Value) async throws(CallFailure) {
    let fields = try Journal.fields(body)
    try await change { (change) throws(CallFailure) in _ = try await change.audit(event, run: run, fields) }
  }

  /// Puts a remark into a run's timeline.
  package func note(run: String, text: String) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      _ = try await change.audit("run.note", run: run, ["text": .string(text)])
    }
  }

  /// The remarks of a run, the oldest first.
  package func notes(of run: String) async throws(CallFailure) -> [AuditRecord] {
    try await records("WHERE run = $1 AND event = 'run.note' ORDER BY seq", [.text(run)])
  }

  /// The audit records of a run, the oldest first.
  package func timeline(of run: String) async throws(CallFailure) -> [AuditRecord] {
    try await records("WHERE run = $1 ORDER BY seq", [.text(run)])
  }

  /// Hands out audit records as JSON Lines, from a place on.
  ///
  /// Of a damaged journal it hands out all that can be read, and then throws `journal.corrupt` with what is missing.
  package func export(from seq: Int64? = nil, _ line: @Sendable (String) -> Void) async throws(CallFailure) {
    let unreadable = try await look { (session) throws(CallFailure) in
      try await AuditReader(session: session).read(from: seq ?? 1) { line($0.line) }
    }
    if let first = unreadable.first {
      throw Journal.damaged(
        database.name,
        "\(unreadable.count) audit records could not be read, starting with number \(first)"
      )
    }
  }

  private func records(_ condition: String, _ arguments: [DatabaseValue]) async throws(CallFailure) -> [AuditRecord] {
    try await look { (session) throws(CallFailure) in
      var found: [AuditRecord] = []
      for row in try await session.query("SELECT \(AuditRecord.columns) FROM audit \(condition)", arguments) {
        found.append(try AuditRecord(row))
      }
      return found
    }
  }
}

extension AuditRecord {
  /// The record as one line of JSON: the fields that the hash covers, and the hash.
  ///
  /// The body is an object, and a string where it is not what was written, because that may be no JSON any more.
  var line: String {
    let isOwn = hash == expectedHash
    return JSONText.object([
      "seq": .int(seq), "at": .int(at), "run": .string(run ?? ""), "event": .string(event),
      "body": isOwn ? .raw(body) : .string(body), "previous": .string(previous), "hash": .string(hash),
    ]).text
  }
}

import PrimitiveKit

/// The quick part of `verify`, done whenever a journal is opened: a few milliseconds, however long it is.
struct OpeningCheck {
  let session: any DatabaseSession
  /// What messages call the journal.
  let name: String
  /// The newest anchor outside of the database, and the file it is in; nil without one.
  let anchor: (line: AnchorLine, file: String)?

  // What was written last is what the next process continues from.
  private static let depth = 256

  /// Why nothing may be written; nil when nothing seems wrong.
  ///
  /// Throws `journal.*` for what cannot be read.
  func misfit() async throws(CallFailure) -> CallFailure? {
    if let place = try await MoveMark.read(session) { return MoveMark.failure(name, to: place) }
    if let found = try await DamageMark.read(session) { return Journal.marked(name, found) }
    let head = try await session.query("SELECT seq, hash FROM audit_head WHERE id = 1", [])
    guard let head = head.first, let last = head[0].int else {
      return Journal.damaged(name, "the head of the audit chain is missing")
    }
    if let anchor, anchor.line.seq > last {
      let cut = "its end was cut off: it ends with audit record \(last), but \(anchor.file) has record"
      return Journal.damaged(name, "\(cut) \(anchor.line.seq)")
    }
    let records = try await newest()
    guard let newest = records.first else {
      return last == 0 ? nil : Journal.damaged(name, "its audit records are missing")
    }
    guard head == [.int(newest.seq), .text(newest.hash)] else {
      return Journal.damaged(name, "its newest audit record is not the last one written")
    }
    if let seq = broken(records) {
      return Journal.damaged(name, "audit record \(seq) is not what was written")
    }
    return try await strayed()
  }

  private func newest() async throws(CallFailure) -> [AuditRecord] {
    let rows = try await session.query(
      "SELECT \(AuditRecord.columns) FROM audit ORDER BY seq DESC LIMIT \(OpeningCheck.depth)",
      []
    )
    var records: [AuditRecord] = []
    for row in rows { records.append(try AuditRecord(row)) }
    return records
  }

  /// The place where the chain breaks, seen from its end; what somebody accepted is not looked at again.
  private func broken(_ records: [AuditRecord]) -> Int64? {
    var next: AuditRecord?
    for record in records {
      guard record.hash == record.expectedHash else { return record.seq }
      if let next, next.seq != record.seq + 1 || next.previous != record.hash { return next.seq - 1 }
      if record.event == Acceptance.event { return nil }
      next = record
    }
    // Below the first record there is nothing.
    return next.flatMap { $0.seq > 1 && records.count < OpeningCheck.depth ? $0.seq - 1 : nil }
  }

  /// A record that is not the one that the anchor knows.
  private func strayed() async throws(CallFailure) -> CallFailure? {
    guard let (line, file) = anchor else { return nil }
    let rows = try await session.query("SELECT hash FROM audit WHERE seq = $1", [.int(line.seq)])
    if rows.first?.first == .text(line.hash) { return nil }
    return Journal.damaged(name, "audit record \(line.seq) differs from \(file)")
  }
}

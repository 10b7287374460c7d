import Foundations
import PrimitiveKit
import Synchronization

/// One transaction that changes a journal: its statements, its time, and the audit records that go with them.
final class JournalChange: Sendable {
  let session: any DatabaseSession
  /// Milliseconds since 1970.
  let at: Int64
  private let journal: Journal
  private let isMending: Bool
  private let state = Mutex(State())

  private struct State {
    var head: AuditRecord?
    var who: JSONText?
    var texts: [String] = []
  }

  /// `isMending` writes to a journal that is marked as damaged, too.
  init(_ session: any DatabaseSession, journal: Journal, isMending: Bool = false) async throws(CallFailure) {
    self.session = session
    self.journal = journal
    self.isMending = isMending
    at = try await session.now()
  }

  /// From here on, records tell of what another process did.
  func speak(of identity: ProcessIdentity?) { state.withLock { $0.who = identity?.auditText } }

  /// The newest record that this change wrote.
  var head: AuditRecord? { state.withLock { $0.head } }
  /// Hashes of the texts that this change wrote.
  var texts: [String] { state.withLock { $0.texts } }

  @discardableResult
  func query(_ statement: String, _ arguments: [DatabaseValue]) async throws(CallFailure) -> [[DatabaseValue]] {
    try await session.query(statement, arguments)
  }

  /// Who may write into a run.
  var ownership: RunOwnership { RunOwnership(change: self, identity: journal.identity) }

  /// Adds an audit record and answers its place; `who` is filled in.
  @discardableResult
  func audit(_ event: String, run: String?, _ fields: [String: JSONText]) async throws(CallFailure) -> Int64 {
    var fields = fields
    fields["who"] = state.withLock { $0.who } ?? .raw(journal.who)
    return try await audit(event, run: run, text: JSONText.object(fields).text)
  }

  private func audit(_ event: String, run: String?, text body: String) async throws(CallFailure) -> Int64 {
    // The row is locked from here to the commit, which puts the appends of all writers in one order.
    let rows = try await query(
      """
      UPDATE audit_head SET seq = seq + 1 WHERE id = 1
      RETURNING seq, hash, (SELECT value FROM meta WHERE name = 'schema'), (SELECT value FROM meta WHERE name = $1),
        (SELECT value FROM meta WHERE name = $2), (SELECT value FROM meta WHERE name = $3)
      """,
      [.text(DamageMark.name), .text(PruneMark.name), .text(MoveMark.name)]
    )
    guard let row = rows.first else {
      throw Journal.damaged(journal.database.name, "the head of the audit chain is missing")
    }
    var reader = RowReader(row, of: "audit_head")
    let seq = try reader.int()
    let previous = try reader.text()
    let schema = Int(try reader.text()) ?? 0
    if schema > Schema.version { throw Schema.newer(schema, name: journal.database.name) }
    if let found = reader.optionalText(), !isMending { throw Journal.marked(journal.database.name, found) }
    journal.unsaved.note(pruned: reader.optionalText() ?? "")
    if let place = reader.optionalText() { throw MoveMark.failure(journal.database.name, to: place) }
    let hash = AuditChain.hash(previous: previous, seq: seq, at: at, run: run ?? "", event: event, body: body)
    try await query(
      "INSERT INTO audit(\(AuditRecord.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      [.int(seq), .int(at), .text(run ?? ""), .text(event), .text(body), .text(previous), .text(hash)]
    )
    try await query("UPDATE audit_head SET hash = $1 WHERE id = 1", [.text(hash)])
    let record = AuditRecord(seq: seq, at: at, run: run, event: event, body: body, previous: previous, hash: hash)
    state.withLock { $0.head = record }
    return seq
  }

  /// Writes the texts that operations of this process refer to and the journal has not got yet.
  func saveTexts() async throws(CallFailure) {
    let pending = journal.unsaved.pending()
    if pending.isEmpty { return }
    for (hash, text) in pending {
      try await query(
        // A text that was there counts as new: whoever prunes leaves what may be referred to any moment.
        "INSERT INTO texts(hash, seq, content) VALUES ($1, $2, $3) ON CONFLICT (hash) DO UPDATE SET seq = excluded.seq",
        [.text(hash), .int(head?.seq ?? 0), .text(text)]
      )
    }
    state.withLock { $0.texts = Array(pending.keys) }
  }
}

import Foundations
package import PrimitiveKit

extension Journal {
  /// Runs `body` in one transaction, durable when this returns.
  ///
  /// `isLast` writes an anchor, as every thousandth record does. Throws `journal.*` and what `body` throws; then nothing is written.
  func change<Answer: Sendable>(
    isLast: Bool = false,
    _ body: @Sendable (JournalChange) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    if let refusal { throw refusal }
    let (answer, head, texts) = try await database.transaction {
      (session) throws(CallFailure) -> (Answer, AuditRecord?, [String]) in
      let change = try await JournalChange(session, journal: self)
      let answer = try await body(change)
      try await change.saveTexts()
      return (answer, change.head, change.texts)
    }
    unsaved.saved(texts)
    if let head, anchorTurn.isDue(head.seq) || isLast { await anchor(head) }
    return answer
  }

  /// Runs `body` in one transaction that only reads.
  func look<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await database.reading(body)
  }

  /// Adds an audit record to a transaction that somebody else began on this journal's database; answers its place.
  func audit(
    _ event: String,
    run: String?,
    body: Value,
    in session: any DatabaseSession
  ) async throws(CallFailure) -> Int64 {
    if let refusal { throw refusal }
    let fields = try Journal.fields(body)
    let seq = try await JournalChange(session, journal: self).audit(event, run: run, fields)
    anchorTurn.wrote(seq)
    return seq
  }

  /// A body as the fields of an audit record; one that is no table becomes the field `value`.
  static func fields(_ body: Value) throws(CallFailure) -> [String: JSONText] {
    guard case .table(let table) = body else { return ["value": .raw(try OperationCoding().encode(body))] }
    var fields: [String: JSONText] = [:]
    for (name, value) in table { fields[name] = .raw(try OperationCoding().encode(value)) }
    return fields
  }

  /// Anchors the newest record when this process has written any since its last anchor.
  ///
  /// Called at the end of a run and of the process: what is behind the newest anchor can be cut off unseen.
  package func anchorNewest() async {
    guard refusal == nil, anchorFile != nil, anchorTurn.isBehind else { return }
    let select = "SELECT \(AuditRecord.columns) FROM audit ORDER BY seq DESC LIMIT 1"
    let rows = try? await look { (session) throws(CallFailure) in try await session.query(select, []) }
    guard let row = rows?.first, let head = try? AuditRecord(row) else { return }
    await anchor(head)
    anchorTurn.caughtUp()
  }

  /// Anchors the newest record, whoever wrote it; throws `journal.*`.
  package func anchorHead() async throws(CallFailure) {
    let select = "SELECT \(AuditRecord.columns) FROM audit ORDER BY seq DESC LIMIT 1"
    let rows = try await look { (session) throws(CallFailure) in try await session.query(select, []) }
    if let row = rows.first { try await writeAnchor(try AuditRecord(row)) }
  }

  // The journal itself is complete without it, so a failure stops nothing: the next anchor covers this one.
  private func anchor(_ head: AuditRecord) async { _ = try? await writeAnchor(head) }

  /// Keeps the hash of a record outside of the database; throws `journal.*`.
  func writeAnchor(_ head: AuditRecord) async throws(CallFailure) {
    guard let anchorFile else { return }
    anchorTurn.took(head.seq)
    let line = AnchorLine(journal: id, seq: head.seq, hash: head.hash, at: head.at, run: head.run)
    try await database.transaction { (session) throws(CallFailure) in
      try anchorFile.append(line)
      _ = try await session.query(
        """
        INSERT INTO anchors(sink, seq, lines) VALUES ($1, $2, 1) ON CONFLICT (sink) DO UPDATE SET
          seq = CASE WHEN anchors.seq < excluded.seq THEN excluded.seq ELSE anchors.seq END, lines = anchors.lines + 1
        """,
        [.text(anchorFile.sink(host: identity.host)), .int(line.seq)]
      )
    }
  }
}

import PrimitiveKit

extension Journal {
  /// Records after which a run ends, or this many in between, an anchor is written.
  static let anchorInterval: Int64 = 1000

  /// Runs `body` in one transaction, durable when this returns.
  ///
  /// `isLast` writes an anchor. Throws `journal.*` and what `body` throws; then nothing is written.
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
    if let head, isLast || head.seq % Journal.anchorInterval == 0 { await anchor(head) }
    return answer
  }

  /// Runs `body` in one transaction that only reads.
  func look<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await database.reading(body)
  }

  // The journal itself is complete without it, so a failure stops nothing: the next anchor covers this one.
  private func anchor(_ head: AuditRecord) async {
    guard let anchorFile else { return }
    let line = AnchorLine(journal: id, seq: head.seq, hash: head.hash, at: head.at, run: head.run)
    _ = try? await database.transaction { (session) throws(CallFailure) in
      try anchorFile.append(line)
      try await session.query(
        """
        INSERT INTO anchors(sink, seq, lines) VALUES ($1, $2, 1) ON CONFLICT (sink) DO UPDATE SET
          seq = CASE WHEN anchors.seq < excluded.seq THEN excluded.seq ELSE anchors.seq END, lines = anchors.lines + 1
        """,
        [.text(anchorFile.sink(host: identity.host)), .int(line.seq)]
      )
    }
  }
}

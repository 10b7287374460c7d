package import PrimitiveKit

extension Journal {
  /// Takes notices that are due at `now`, of each line the oldest, so that nobody else sends them until `end`.
  ///
  /// Whoever is killed before it says how a notice fared leaves it to be sent again, after `end` at the latest: at least once, never not at
  /// all. Throws `lock.lost` unless the lease of `claim` lives, and `journal.*`.
  package func claimNotices(
    for notifier: String,
    at now: Int64,
    until end: Int64,
    limit: Int,
    claim: String
  ) async throws(CallFailure) -> [ClaimedNotice] {
    // Looking costs no write, and mostly there is nothing.
    let isIdle = try await look { (session) throws(CallFailure) in
      try await Journal.due(notifier, now, 1, session).isEmpty
    }
    if isIdle { return [] }
    return try await change { (change) throws(CallFailure) in
      try await OutboxTables.requireLead(claim, change)
      let holder = try Journal.holder(identity)
      var claimed: [ClaimedNotice] = []
      for row in try await Journal.due(notifier, now, limit, change.session) {
        let notice = try ClaimedNotice(row)
        try await change.query(
          "UPDATE outbox SET claimed_until = $2, claimed_by = $3, attempts = attempts + 1 WHERE id = $1",
          [.text(notice.notice.id), .int(end), .text(holder)]
        )
        claimed.append(notice)
      }
      return claimed
    }
  }

  /// Says that a notice was delivered; said again, the first time stays.
  package func noticeDelivered(_ id: String, at now: Int64) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      _ = try await change.query(
        "UPDATE outbox SET delivered_at = $2, claimed_until = 0, problem = '' WHERE id = $1 AND delivered_at IS NULL",
        [.text(id), .int(now)]
      )
    }
  }

  /// Says why a notice was not delivered, and from when on it is tried again; nothing if another process sends it by now.
  package func noticeUndelivered(_ id: String, why: String, until next: Int64) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      _ = try await change.query(
        """
        UPDATE outbox SET due_at = $2, claimed_until = 0, problem = $3
        WHERE id = $1 AND delivered_at IS NULL AND claimed_by = $4
        """,
        [.text(id), .int(next), .text(String(why.prefix(500))), .text(try Journal.holder(identity))]
      )
    }
  }

  /// How this process is recorded where it sends.
  private static func holder(_ identity: ProcessIdentity) throws(CallFailure) -> String {
    try OperationCoding().encode(LockHolder(identity))
  }

  /// Nothing is put off for longer, in milliseconds.
  ///
  /// What lies further ahead was written by a clock that was wrong, or this one is.
  private static let farthest: Int64 = 3_600_000

  private static func due(
    _ notifier: String,
    _ now: Int64,
    _ limit: Int,
    _ session: any DatabaseSession
  ) async throws(CallFailure) -> [[DatabaseValue]] {
    try await session.query(
      """
      SELECT id, notifier, line, event, made_at, attempts FROM outbox o
      WHERE delivered_at IS NULL AND notifier = $1
        AND (due_at <= $2 OR due_at > $4) AND (claimed_until <= $2 OR claimed_until > $4)
        AND NOT EXISTS (SELECT 1 FROM outbox p
          WHERE p.delivered_at IS NULL AND p.notifier = o.notifier AND p.line = o.line AND p.seq < o.seq)
      ORDER BY seq LIMIT $3
      """,
      [.text(notifier), .int(now), .int(Int64(limit)), .int(now + farthest)]
    )
  }
}

extension ClaimedNotice {
  fileprivate init(_ row: [DatabaseValue]) throws(CallFailure) {
    var reader = RowReader(row, of: "outbox")
    let notice = Notice(
      id: try reader.text(),
      notifier: try reader.text(),
      line: try reader.text(),
      event: try reader.json(Value.self),
      madeAt: try reader.int()
    )
    self.init(notice, attempts: Int(try reader.int()))
  }
}

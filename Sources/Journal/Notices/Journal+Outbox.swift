package import PrimitiveKit

extension Journal {
  /// Makes the tables of alerts and notices where there are none, and frees what processes that are gone were sending.
  package func openOutbox() async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      for statement in OutboxTables.statements { try await change.query(statement, []) }
      let rows = try await change.query(
        "SELECT DISTINCT claimed_by FROM outbox WHERE delivered_at IS NULL AND claimed_until > 0",
        []
      )
      for text in rows.compactMap({ $0.first?.text }) {
        let holder: LockHolder? = try? OperationCoding().decode(LockHolder.self, from: text)
        guard let holder, ProcessTable.isGone(holder) else { continue }
        try await change.query(
          "UPDATE outbox SET claimed_until = 0 WHERE delivered_at IS NULL AND claimed_by = $1",
          [.text(text)]
        )
      }
    }
  }

  /// Whether there were ever alerts or notices.
  package func hasOutbox() async throws(CallFailure) -> Bool {
    try await JournalTables(of: database)["outbox"] != nil
  }

  /// Keeps alerts and adds notices, all or nothing; what checks find is not audited.
  ///
  /// Throws `lock.lost` unless the lease of `claim` lives, and `journal.*`. The tables must be there.
  package func post(_ posted: AlertChange, claim: String) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      try await OutboxTables.requireLead(claim, change)
      for key in posted.ended {
        try await change.query(
          "DELETE FROM alerts WHERE check_name = $1 AND subject = $2 AND notifier = $3",
          [.text(key.check), .text(key.subject), .text(key.notifier)]
        )
      }
      for alert in posted.alerts { try await change.put(alert) }
      for notice in posted.notices { try await change.add(notice) }
      // Whoever asks what was told lately finds it; a journal does not grow by it for ever.
      let old = change.at - OutboxTables.keptFor
      try await change.query("DELETE FROM outbox WHERE delivered_at < $1", [.int(old)])
    }
  }

  /// What notifiers were told and is not over.
  package func alerts() async throws(CallFailure) -> [Alert] {
    try await look { (session) throws(CallFailure) in
      let rows = try await session.query(
        """
        SELECT check_name, subject, notifier, seen, told, since, told_at, changes, is_flapping FROM alerts
        ORDER BY check_name, subject, notifier
        """,
        []
      )
      var alerts: [Alert] = []
      for row in rows { alerts.append(try Alert(row)) }
      return alerts
    }
  }

  /// What was not delivered yet.
  package func backlog() async throws(CallFailure) -> Backlog {
    try await look { (session) throws(CallFailure) in
      let rows = try await session.query(
        "SELECT notifier, COUNT(*), MIN(made_at) FROM outbox WHERE delivered_at IS NULL GROUP BY notifier",
        []
      )
      var waiting: [String: Int] = [:]
      var oldest: [String: Int64] = [:]
      for row in rows {
        var reader = RowReader(row, of: "outbox")
        let notifier = try reader.text()
        waiting[notifier] = Int(try reader.int())
        oldest[notifier] = try reader.int()
      }
      let failed = try await session.query(
        "SELECT problem FROM outbox WHERE delivered_at IS NULL AND problem <> '' ORDER BY due_at DESC LIMIT 1",
        []
      )
      return Backlog(waiting: waiting, oldest: oldest, problem: failed.first?.first?.text ?? "")
    }
  }
}

/// The tables of alerts and notices: made with the first of them, and a copy of the journal may be without them.
enum OutboxTables {
  /// How long delivered notices are kept, in milliseconds.
  static let keptFor: Int64 = 7 * 86_400_000

  static let statements = [
    """
    CREATE TABLE IF NOT EXISTS alerts(
      check_name TEXT NOT NULL, subject TEXT NOT NULL, notifier TEXT NOT NULL, seen TEXT NOT NULL, told TEXT NOT NULL,
      since BIGINT NOT NULL, told_at BIGINT NOT NULL, changes TEXT NOT NULL, is_flapping BIGINT NOT NULL,
      PRIMARY KEY(check_name, subject, notifier))
    """,
    """
    CREATE TABLE IF NOT EXISTS outbox(
      id TEXT PRIMARY KEY, seq BIGINT NOT NULL, notifier TEXT NOT NULL, line TEXT NOT NULL, event TEXT NOT NULL,
      made_at BIGINT NOT NULL, due_at BIGINT NOT NULL, claimed_until BIGINT NOT NULL,
      claimed_by TEXT NOT NULL, attempts BIGINT NOT NULL, problem TEXT NOT NULL, delivered_at BIGINT)
    """,
    "CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox(notifier, line, seq) WHERE delivered_at IS NULL",
    "CREATE INDEX IF NOT EXISTS outbox_delivered ON outbox(delivered_at)",
  ]

  /// Throws `lock.lost` unless the lease lives: who was stopped for a while must not tell what another one tells.
  static func requireLead(_ claim: String, _ change: JournalChange) async throws(CallFailure) {
    let rows = try await change.query(
      "SELECT claim FROM leases WHERE claim = $1 AND expires_at > $2",
      [.text(claim), .int(change.at)]
    )
    if rows.isEmpty { throw LeaseRenewal.failure("another process watches by now") }
  }
}

extension JournalChange {
  fileprivate func put(_ alert: Alert) async throws(CallFailure) {
    let key = alert.key
    try await query(
      """
      INSERT INTO alerts(check_name, subject, notifier, seen, told, since, told_at, changes, is_flapping)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      ON CONFLICT (check_name, subject, notifier) DO UPDATE SET seen = excluded.seen, told = excluded.told,
        since = excluded.since, told_at = excluded.told_at, changes = excluded.changes,
        is_flapping = excluded.is_flapping
      """,
      [
        .text(key.check), .text(key.subject), .text(key.notifier), .text(alert.seen.rawValue),
        .text(alert.told.rawValue), .int(alert.since), .int(alert.toldAt),
        .text(try OperationCoding().encode(alert.changes)), .int(alert.isFlapping ? 1 : 0),
      ]
    )
  }

  /// It is due at once, whatever the clock says that made it.
  fileprivate func add(_ notice: Notice) async throws(CallFailure) {
    try await query(
      """
      INSERT INTO outbox(id, seq, notifier, line, event, made_at, due_at, claimed_until, claimed_by, attempts, problem)
      VALUES ($1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM outbox), $2, $3, $4, $5, 0, 0, '', 0, '')
      ON CONFLICT (id) DO NOTHING
      """,
      [
        .text(notice.id), .text(notice.notifier), .text(notice.line),
        .text(try OperationCoding().encode(notice.event)), .int(notice.madeAt),
      ]
    )
  }
}

extension Alert {
  fileprivate init(_ row: [DatabaseValue]) throws(CallFailure) {
    var reader = RowReader(row, of: "alerts")
    let key = Key(try reader.text(), try reader.text(), notifier: try reader.text())
    self.init(
      key,
      seen: try reader.word(CheckLevel.self),
      told: try reader.word(CheckLevel.self),
      since: try reader.int(),
      toldAt: try reader.int(),
      changes: try reader.json([Int64].self),
      isFlapping: try reader.int() != 0
    )
  }
}

import PrimitiveKit

/// The tables of a journal, the same on every database: text and 64-bit integers only.
///
/// A new journal is made as the first opsh made it and then migrated, so that new and old ones have the same tables.
enum Schema {
  /// What this opsh reads and writes.
  static var version: Int { migrations.last?.version ?? first }

  /// The steps from the first schema to this one, in order.
  static let migrations: [SchemaMigration] = [.second]

  private static let first = 1

  private static let firstTables = [
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    // The epoch only ever grows, so its row is never deleted.
    "CREATE TABLE IF NOT EXISTS epochs(id BIGINT PRIMARY KEY, epoch BIGINT NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS leases(
      scope TEXT NOT NULL, claim TEXT NOT NULL, mode TEXT NOT NULL, holder TEXT NOT NULL, run TEXT, reason TEXT,
      sticky BIGINT NOT NULL, epoch BIGINT NOT NULL, acquired_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
      PRIMARY KEY(scope, claim))
    """,
    "CREATE INDEX IF NOT EXISTS leases_claim ON leases(claim, sticky, expires_at)",
    """
    CREATE TABLE IF NOT EXISTS audit(
      seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, run TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL,
      previous TEXT NOT NULL, hash TEXT NOT NULL)
    """,
    "CREATE INDEX IF NOT EXISTS audit_run ON audit(run, seq)",
    "CREATE TABLE IF NOT EXISTS audit_head(id BIGINT PRIMARY KEY, seq BIGINT NOT NULL, hash TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS anchors(sink TEXT PRIMARY KEY, seq BIGINT NOT NULL, lines BIGINT NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS runs(
      id TEXT PRIMARY KEY, begun BIGINT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, runbook_name TEXT,
      runbook_version TEXT, runbook_sha256 TEXT, runbook_path TEXT, arguments TEXT NOT NULL, hosts TEXT NOT NULL,
      plan_hash TEXT, parent TEXT, state TEXT NOT NULL, state_reason TEXT, epoch BIGINT, claim TEXT,
      operator_name TEXT NOT NULL, login TEXT NOT NULL, host TEXT NOT NULL, boot TEXT NOT NULL, pid BIGINT NOT NULL,
      start_ticks BIGINT NOT NULL, tty TEXT NOT NULL, opsh_version TEXT NOT NULL, opsh_digest TEXT NOT NULL,
      started_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, ended_at BIGINT, exit_code BIGINT)
    """,
    "CREATE INDEX IF NOT EXISTS runs_begun ON runs(begun)",
    "CREATE INDEX IF NOT EXISTS runs_state ON runs(state, begun)",
    "CREATE INDEX IF NOT EXISTS runs_name ON runs(name, begun)",
    "CREATE INDEX IF NOT EXISTS runs_parent ON runs(parent)",
    """
    CREATE TABLE IF NOT EXISTS steps(
      run TEXT NOT NULL REFERENCES runs(id), path TEXT NOT NULL, begun BIGINT NOT NULL, arguments_hash TEXT NOT NULL,
      attempt BIGINT NOT NULL, state TEXT NOT NULL, result TEXT, failure TEXT, reason TEXT, began_at BIGINT NOT NULL,
      ended_at BIGINT, PRIMARY KEY(run, path))
    """,
    """
    CREATE TABLE IF NOT EXISTS operations(
      run TEXT NOT NULL REFERENCES runs(id), key TEXT NOT NULL, begun BIGINT NOT NULL, step TEXT NOT NULL,
      kind TEXT NOT NULL, target TEXT NOT NULL, effect TEXT NOT NULL, summary TEXT NOT NULL, content TEXT NOT NULL,
      state TEXT NOT NULL, outcome TEXT, inverse TEXT, failure TEXT, epoch BIGINT, intended_at BIGINT NOT NULL,
      settled_at BIGINT, adopted BIGINT NOT NULL, resolution TEXT, PRIMARY KEY(run, key))
    """,
    "CREATE INDEX IF NOT EXISTS operations_state ON operations(state, run)",
    """
    CREATE TABLE IF NOT EXISTS reads(
      run TEXT NOT NULL REFERENCES runs(id), key TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY(run, key))
    """,
    "CREATE TABLE IF NOT EXISTS texts(hash TEXT PRIMARY KEY, seq BIGINT NOT NULL, content TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS texts_seq ON texts(seq)",
    """
    CREATE TABLE IF NOT EXISTS questions(
      run TEXT NOT NULL REFERENCES runs(id), id TEXT NOT NULL, step TEXT NOT NULL, begun BIGINT NOT NULL,
      words TEXT NOT NULL, choices TEXT NOT NULL, evidence TEXT NOT NULL, asked_at BIGINT NOT NULL, answer TEXT,
      answered_by TEXT, answered_at BIGINT, PRIMARY KEY(run, id))
    """,
    """
    CREATE TABLE IF NOT EXISTS approvals(
      id TEXT PRIMARY KEY, plan_hash TEXT NOT NULL, hosts_hash TEXT NOT NULL, name TEXT NOT NULL,
      requester TEXT NOT NULL, approver TEXT NOT NULL, reason TEXT NOT NULL, document TEXT NOT NULL,
      signature TEXT NOT NULL, max_uses BIGINT NOT NULL, uses BIGINT NOT NULL, created_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL)
    """,
    "CREATE INDEX IF NOT EXISTS approvals_plan ON approvals(plan_hash, created_at)",
    """
    CREATE TABLE IF NOT EXISTS bad_releases(
      digest TEXT PRIMARY KEY, image TEXT NOT NULL, run TEXT NOT NULL, reason TEXT NOT NULL, marked_by TEXT NOT NULL,
      marked_at BIGINT NOT NULL)
    """,
    """
    CREATE TABLE IF NOT EXISTS fidelity(
      run TEXT NOT NULL, kind TEXT NOT NULL, predicted BIGINT NOT NULL, matched BIGINT NOT NULL, at BIGINT NOT NULL,
      PRIMARY KEY(run, kind))
    """,
    "INSERT INTO epochs(id, epoch) VALUES (1, 0) ON CONFLICT (id) DO NOTHING",
    "INSERT INTO audit_head(id, seq, hash) VALUES (1, 0, '') ON CONFLICT (id) DO NOTHING",
  ]

  /// Creates the tables of a new journal; `id` names it from now on.
  static func create(_ session: any DatabaseSession, id: String) async throws(CallFailure) {
    for statement in firstTables { try await session.query(statement, []) }
    let insert = "INSERT INTO meta(name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
    try await session.query(insert, [.text("journal"), .text(id)])
    try await session.query(insert, [.text("schema"), .text("\(first)")])
    // Another process may have been first.
    guard let made = try await marks(session), made.version < version else { return }
    try await migrate(session, from: made.version)
  }

  /// Brings the tables from an older schema to this one.
  static func migrate(_ session: any DatabaseSession, from found: Int) async throws(CallFailure) {
    for migration in migrations where migration.version > found {
      for statement in migration.statements { try await session.query(statement, []) }
    }
    try await session.query("UPDATE meta SET value = $1 WHERE name = 'schema'", [.text("\(version)")])
  }

  /// Reads what the tables are; nil where there are none.
  ///
  /// Throws what the database throws, also for a missing table.
  static func marks(_ session: any DatabaseSession) async throws(CallFailure) -> (id: String, version: Int)? {
    var values: [String: String] = [:]
    for row in try await session.query("SELECT name, value FROM meta", []) {
      if let name = row[0].text { values[name] = row[1].text }
    }
    guard let id = values["journal"], let text = values["schema"], let version = Int(text) else { return nil }
    return (id, version)
  }

  /// The failure of writing to a journal that a newer opsh has changed.
  static func newer(_ found: Int, name: String) -> CallFailure {
    CallFailure(
      .journal,
      .newerSchema,
      code: "journal.newer_schema",
      message: "the journal \(name) has schema \(found); this opsh writes only schema \(version)",
      hint: "use the opsh that created it, or a newer one"
    )
  }
}

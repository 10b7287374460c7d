/// What opens a transaction, in one round trip.
///
/// Everything is set for the transaction only, because a pool may give the session to somebody else afterwards.
enum TransactionText {
  /// One that writes: the others wait until it ends.
  static func writing(_ limits: PostgresLimits) -> String {
    let settings = [
      ("lock_timeout", limits.turn), ("statement_timeout", limits.statement),
      ("idle_in_transaction_session_timeout", limits.pause),
    ]
    // Not READ WRITE: a standby refuses that with a code of its own, and a role may be read-only on purpose.
    return "BEGIN ISOLATION LEVEL READ COMMITTED; "
      + settings.map { "SET LOCAL \($0.0) = \($0.1.milliseconds); " }.joined() + durability + turn
  }

  /// One that reads one state.
  static func reading(_ limits: PostgresLimits) -> String {
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
      + "SET LOCAL statement_timeout = \(limits.statement.milliseconds); "
      + "SET LOCAL idle_in_transaction_session_timeout = \(limits.pause.milliseconds)"
  }

  // Waits for the disk at least; a server that also waits for its standbys keeps doing so.
  private static let durability = """
    SELECT set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') = 'off' THEN 'on' \
    ELSE current_setting('synchronous_commit') END, true);
    """

  // A lock that ends with the transaction, whatever becomes of the client: 'opsh' as a number, and the schema. It says who
  // writes now and not who holds a lease. Statements after it see what the writer before committed.
  private static let turn = """
    SELECT pg_advisory_xact_lock(1869640552, coalesce((SELECT (oid::bigint % 2147483647)::int FROM pg_namespace \
    WHERE nspname = current_schema()), 0))
    """
}

extension Duration {
  fileprivate var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}

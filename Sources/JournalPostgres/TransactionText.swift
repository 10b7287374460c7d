import PostgresClient

/// What opens a transaction, in one round trip.
///
/// Everything is set for the transaction only, because a pool may give the session to somebody else afterwards.
enum TransactionText {
  /// One that writes: the others wait until it ends.
  static func writing(_ limits: PostgresLimits) -> String {
    var options = TransactionOptions()
    (options.lock, options.statement, options.pause) = (limits.turn, limits.statement, limits.pause)
    return options.text + "; " + durability + turn
  }

  /// One that reads one state.
  static func reading(_ limits: PostgresLimits) -> String {
    var options = TransactionOptions()
    (options.isolation, options.isReadOnly) = (.repeatableRead, true)
    (options.statement, options.pause) = (limits.statement, limits.pause)
    return options.text
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

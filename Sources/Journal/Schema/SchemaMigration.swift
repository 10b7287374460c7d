/// One step from a schema to the next, as statements that both databases understand.
///
/// They run once, in one transaction, on new journals too: no opsh of the schema before writes to the journal after it.
struct SchemaMigration: Sendable {
  /// The schema it leads to.
  let version: Int
  let statements: [String]

  /// Epochs of locks by scope, and a lease for every run.
  static let second = SchemaMigration(
    version: 2,
    statements: [
      // The table `epochs` stays for an older opsh that was running before: it gets as far as the refusal of a newer schema.
      """
      CREATE TABLE scope_epochs(
        scope TEXT PRIMARY KEY, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, below BIGINT NOT NULL,
        below_seq BIGINT NOT NULL)
      """,
      "CREATE INDEX audit_epochs ON audit(seq) WHERE \(EpochRecord.condition)",
      scaled("leases"), scaled("runs"), scaled("operations"),
      // Runs without a lock had no lease. Their opsh can write no more, so a claim that nobody holds tells the truth.
      "UPDATE runs SET claim = '' WHERE state = 'running' AND claim IS NULL",
    ]
  )

  // Epochs were plain seconds. What is larger was none, and would not fit.
  private static func scaled(_ table: String) -> String {
    "UPDATE \(table) SET epoch = epoch * \(Epoch.second) WHERE epoch BETWEEN 1 AND 140737488355327"
  }
}

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
      // Runs without a lock had no lease. Their opsh can write no more, so a claim that nobody holds tells the truth.
      "UPDATE runs SET claim = '' WHERE state = 'running' AND claim IS NULL"
    ]
  )
}

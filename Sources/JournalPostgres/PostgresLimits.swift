/// How long the database may take, and how often a transaction is tried.
package struct PostgresLimits: Sendable {
  /// For a connection to stand, one address after the other.
  package var connect: Duration = .seconds(10)
  /// For one statement; the server cancels it then (`statement_timeout`).
  package var statement: Duration = .seconds(30)
  /// For the turn to write, which one writer has at a time (`lock_timeout`).
  package var turn: Duration = .seconds(20)
  /// Between two statements of a transaction (`idle_in_transaction_session_timeout`).
  ///
  /// Shorter than `turn`, so that a stopped process does not make the others fail.
  package var pause: Duration = .seconds(5)
  /// For a lost connection to come back, for example while the server restarts.
  package var reconnect: Duration = .seconds(10)
  /// Tries of a transaction of which nothing was committed.
  package var attempts = 5

  package init() {}

  /// How long the client waits for an answer that the server should have given or cancelled by then.
  var answer: Duration { statement + .seconds(5) }
}

import Foundations

/// How a transaction is opened.
package struct TransactionOptions: Sendable, Equatable {
  package enum Isolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
  }

  package var isolation = Isolation.readCommitted
  package var isReadOnly = false
  /// For one statement, for the wait for one lock, and between two statements, as the server counts.
  package var statement: Duration?
  package var lock: Duration?
  package var pause: Duration?

  package init() {}

  /// One round trip; everything holds for the transaction only, since a pool may give the session to somebody else.
  package var text: String {
    let settings = [
      ("lock_timeout", lock), ("statement_timeout", statement), ("idle_in_transaction_session_timeout", pause),
    ]
    // Not READ WRITE: a standby refuses that with a code of its own, and a role may be read-only on purpose.
    return "BEGIN ISOLATION LEVEL \(isolation.rawValue)\(isReadOnly ? " READ ONLY" : "")"
      + settings.map { setting in setting.1.map { "; SET LOCAL \(setting.0) = \($0.serverLimit)" } ?? "" }.joined()
  }
}

extension PostgresConnection {
  /// Opens a transaction.
  package func begin(_ options: TransactionOptions = TransactionOptions()) async throws(PostgresError) {
    try await script(options.text)
  }

  /// Commits; throws `.unknownOutcome` when no answer came, and `.refused` when the server rolled back instead.
  package func commit(deadline: Duration = .seconds(35)) async throws(PostgresError) {
    let result = try await script("COMMIT", deadline: deadline)
    // After a refused statement the server answers COMMIT with a rollback, and no error.
    guard result.tag == "COMMIT" else { throw .failed("the transaction was rolled back") }
  }

  /// Rolls back; a connection that cannot is closed, which comes to the same.
  package func rollBack(deadline: Duration = .seconds(5)) async {
    guard isOpen else { return }
    do throws(PostgresError) { try await script("ROLLBACK", deadline: deadline) } catch { close() }
  }
}

extension Duration {
  /// The milliseconds of a limit as the server takes it; at least one, for 0 means no limit there.
  var serverLimit: Int64 { max(1, milliseconds) }
}

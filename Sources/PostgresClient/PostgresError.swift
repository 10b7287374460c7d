/// Why a statement has no answer, and what that means for its effect.
package struct PostgresError: Error, Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// The connection could not be made.
    case unreachable
    /// The connection was gone before the statement could be performed.
    case dropped
    /// The connection was lost with the transaction still open: nothing of it was committed.
    case lost
    /// The connection was lost while a commit may have been performed.
    case unknownOutcome
    /// The server refused; `state` says why.
    case refused
    /// The time was up; the server confirmed that the statement has ended.
    case timedOut
    /// The caller gave up; the server confirmed that the statement has ended, or it was never sent.
    case cancelled
    /// A value that the server cannot take, or an answer that is not of the type wanted.
    case invalid
    /// A mistake of the program: two statements at once, a statement after its end.
    case misuse
  }

  package let kind: Kind
  /// The SQLSTATE (manual, appendix A), when the server said one.
  package let state: String?
  /// One line, without the password and without the detail, which may quote rows.
  package let message: String
  /// Where in the statement, in characters from 1.
  package var position: Int?
  package var table: String?
  package var column: String?
  package var constraint: String?
  /// Whether the server asked for a password that nobody gave.
  package var needsPassword = false

  package init(_ kind: Kind, state: String? = nil, _ message: String) {
    self.kind = kind
    self.state = state
    self.message = message
  }

  static func unreachable(_ message: String, needsPassword: Bool = false) -> PostgresError {
    var error = PostgresError(.unreachable, message)
    error.needsPassword = needsPassword
    return error
  }
  static func dropped(_ message: String, state: String? = nil) -> PostgresError {
    PostgresError(.dropped, state: state, message)
  }
  static func failed(_ message: String) -> PostgresError { PostgresError(.refused, message) }
  static func cancelled(_ message: String) -> PostgresError { PostgresError(.cancelled, message) }
  static func invalid(_ message: String) -> PostgresError { PostgresError(.invalid, message) }
  static func misuse(_ message: String) -> PostgresError { PostgresError(.misuse, message) }

  /// Whether the same transaction may succeed at another try, given that nothing of it was committed.
  package var isTransient: Bool {
    switch kind {
    case .unreachable, .dropped, .lost: true
    case .refused: state == SQLState.serialization || state == SQLState.deadlock
    case .unknownOutcome, .timedOut, .cancelled, .invalid, .misuse: false
    }
  }

  /// The same error with `change` applied to its message.
  func withMessage(_ change: (String) -> String) -> PostgresError {
    var error = PostgresError(kind, state: state, change(message))
    (error.position, error.table, error.column, error.constraint) = (position, table, column, constraint)
    error.needsPassword = needsPassword
    return error
  }
}

/// The SQLSTATEs that decide something here.
enum SQLState {
  static let cancelled = "57014"
  static let idleInTransaction = "25P03"
  static let serialization = "40001"
  static let deadlock = "40P01"
}

package import PrimitiveKit

extension PostgresError {
  /// What opsh does about it.
  ///
  /// For a statement that is no commit, a refusal means that nothing of it happened (manual, appendix A).
  package var failureClass: FailureClass {
    switch kind {
    case .unreachable, .dropped, .lost: .unavailable
    case .unknownOutcome: .unknownOutcome
    case .timedOut: .failed
    case .cancelled: .cancelled
    case .invalid: .invalid
    case .misuse: .defect
    case .refused: PostgresError.refusalClass(state ?? "")
    }
  }

  private static func refusalClass(_ state: String) -> FailureClass {
    switch state {
    // read_only_sql_transaction, insufficient_privilege
    case "25006", "42501": .refused
    // The server's statement_timeout, or somebody's pg_cancel_backend.
    case SQLState.cancelled: .failed
    // lock_not_available, idle_in_transaction_session_timeout
    case "55P03", SQLState.idleInTransaction: .unavailable
    // connection exceptions, rollbacks to be repeated, no resources left, shutdown and start
    case let state where ["08", "40", "53", "57"].contains(state.prefix(2)): .unavailable
    default: .failed
    }
  }
}

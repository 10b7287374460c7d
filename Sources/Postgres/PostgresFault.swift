import PrimitiveKit

/// Why a statement has no answer.
enum PostgresFault: Error, Sendable, Equatable {
  /// The connection is gone, or could not be made; what was sent last may have been carried out.
  case lost(String)
  /// The connection was gone before the statement could be carried out.
  case dropped(String)
  /// The server refused; `state` is its SQLSTATE (manual, appendix A).
  case refused(state: String, message: String)
  /// The statement could not even be sent.
  case invalid(String)

  /// Whether the same transaction may succeed at another try, given that nothing of it was committed.
  var isTransient: Bool {
    switch self {
    case .lost, .dropped: true
    // serialization_failure, deadlock_detected
    case .refused(let state, _): state == "40001" || state == "40P01"
    case .invalid: false
    }
  }

  /// The failure of the database of this name.
  func failure(_ name: String) -> CallFailure {
    switch self {
    case .lost(let reason), .dropped(let reason):
      CallFailure(
        .journal,
        code: "journal.unavailable",
        message: "\(name) cannot be reached: \(reason)",
        hint: "is the server up? `pg_isready` asks it"
      )
    case .refused(let state, let message):
      CallFailure(
        .journal,
        PostgresFault.mark(state),
        code: PostgresFault.code(state),
        message: "\(name): \(message)",
        hint: PostgresFault.hint(state)
      )
    case .invalid(let reason): CallFailure(.journal, code: "journal.failed", message: "\(name): \(reason)")
    }
  }

  private static func code(_ state: String) -> String {
    switch state {
    case "25006": "journal.read_only"
    case "53100": "journal.full"
    case "XX001", "XX002": "journal.corrupt"
    // statement_timeout, lock_timeout, idle_in_transaction_session_timeout, io_error
    case "57014", "55P03", "25P03", "58030": "journal.unavailable"
    // connection exceptions, rollbacks to be repeated, no resources left, shutdown and start
    case let state where ["08", "40", "53", "57"].contains(state.prefix(2)): "journal.unavailable"
    default: "journal.failed"
    }
  }

  private static func mark(_ state: String) -> FailureMark? {
    switch state {
    case "25006": .readOnly
    case "XX001", "XX002": .damaged
    default: nil
    }
  }

  private static func hint(_ state: String) -> String? {
    switch state {
    case "25006": "the server may be a standby: use the address of the primary"
    case "53100": "free space on the disk of the server"
    case "XX001", "XX002": "restore the database from a backup before anything is written"
    case "57014", "55P03": "another writer holds it, or the server is overloaded: try again"
    case "42501": "grant the role of the URL the right to create and write the tables"
    default: nil
    }
  }
}

import PostgresClient
import PrimitiveKit

extension PostgresError {
  /// The failure of the journal of this name.
  func failure(_ name: String) -> CallFailure {
    switch kind {
    case .unreachable, .dropped, .lost, .unknownOutcome, .timedOut, .cancelled:
      CallFailure(
        .journal,
        code: "journal.unavailable",
        message: "\(name) cannot be reached: \(message)",
        hint: "check with `pg_isready` that the server is up"
      )
    case .refused:
      CallFailure(
        .journal,
        PostgresError.mark(state),
        code: PostgresError.code(state ?? ""),
        message: "\(name): \(message)",
        hint: PostgresError.hint(state)
      )
    case .invalid, .misuse: CallFailure(.journal, code: "journal.failed", message: "\(name): \(message)")
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

  private static func mark(_ state: String?) -> FailureMark? {
    switch state {
    case "25006": .readOnly
    case "XX001", "XX002": .damaged
    default: nil
    }
  }

  private static func hint(_ state: String?) -> String? {
    switch state {
    case "25006": "use the address of the primary; this server may be a standby"
    case "53100": "free space on the disk of the server"
    case "XX001", "XX002": "restore the database from a backup before writing anything"
    case "57014", "55P03": "try again: another writer holds it, or the server is overloaded"
    case "42501": "grant the role of the URL the right to create and write the tables"
    default: nil
    }
  }
}

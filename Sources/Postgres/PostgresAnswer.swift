import CPostgres
import Journal

/// A result of libpq: it cannot be copied and is freed when it goes out of scope.
struct PostgresAnswer: ~Copyable {
  private let raw: OpaquePointer

  init(_ raw: OpaquePointer) { self.raw = raw }

  deinit { PQclear(raw) }

  /// The refusal of the server; nil when the statement was carried out.
  var fault: PostgresFault? {
    switch PQresultStatus(raw) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return nil
    default:
      guard let state = field(opsh_diag_sqlstate) else { return .lost(field(opsh_diag_message) ?? "no answer") }
      // The detail may quote rows; the primary message does not.
      return .refused(state: state, message: field(opsh_diag_message) ?? "error \(state)")
    }
  }

  /// What was done, for example `COMMIT`.
  var tag: String { PQcmdStatus(raw).map { String(cString: $0) } ?? "" }

  var rows: [[DatabaseValue]] {
    let columns = PQnfields(raw)
    let types = (0..<columns).map { PQftype(raw, $0) }
    return (0..<PQntuples(raw)).map { row in (0..<columns).map { value(row, $0, types[Int($0)]) } }
  }

  private func value(_ row: Int32, _ column: Int32, _ type: UInt32) -> DatabaseValue {
    guard PQgetisnull(raw, row, column) == 0, let bytes = PQgetvalue(raw, row, column) else { return .null }
    let text = String(cString: bytes)
    if ColumnType.numbers.contains(type), let int = Int64(text) { return .int(int) }
    if type == ColumnType.bool { return .int(text == "t" ? 1 : 0) }
    return .text(text)
  }

  private func field(_ code: Int32) -> String? { PQresultErrorField(raw, code).map { String(cString: $0) } }
}

import CPostgres

/// A result of libpq: it cannot be copied and is freed when it goes out of scope.
struct PostgresAnswer: ~Copyable {
  private let raw: OpaquePointer

  init(_ raw: OpaquePointer) { self.raw = raw }

  deinit { PQclear(raw) }

  /// What kind of answer it is.
  var event: ProtocolEvent.Answer {
    switch PQresultStatus(raw) {
    case PGRES_SINGLE_TUPLE: .rows(1)
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK: .complete(tag: PQcmdStatus(raw).map { String(cString: $0) } ?? "")
    case PGRES_EMPTY_QUERY: .error(.invalid("the statement is empty"))
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
    default: .error(error)
    }
  }

  /// The refusal of the server, or libpq's own words about a loss.
  private var error: PostgresError {
    // The detail may quote rows; the primary message does not.
    let message = field(opsh_diag_message)
    guard let state = field(opsh_diag_sqlstate) else { return .dropped(message ?? "no answer") }
    var error = PostgresError(.refused, state: state, message ?? "error \(state)")
    error.position = field(opsh_diag_position).flatMap { Int($0) }
    error.table = field(opsh_diag_table)
    error.column = field(opsh_diag_column)
    error.constraint = field(opsh_diag_constraint)
    return error
  }

  /// What is wanted of the answers to one statement.
  enum Reading {
    /// All rows of the last answer.
    case result
    /// Rows that come one by one.
    case rows
    case nothing
  }

  /// Adds its rows.
  func read(into rows: inout PostgresRows, _ reading: Reading) {
    switch reading {
    case .nothing: break
    case .rows:
      if rows.isEmpty { rows.columns = columns }
      append(to: &rows)
    case .result:
      // Rows of an earlier statement of a script are not wanted.
      rows = PostgresRows()
      rows.columns = columns
      append(to: &rows)
    }
  }

  private var columns: PostgresColumns {
    let columns = 0..<PQnfields(raw)
    return PostgresColumns(
      names: columns.map { PQfname(raw, $0).map { String(cString: $0) } ?? "" },
      types: columns.map { PQftype(raw, $0) }
    )
  }

  private func append(to rows: inout PostgresRows) {
    let columns = PQnfields(raw)
    for row in 0..<PQntuples(raw) {
      for column in 0..<columns {
        guard PQgetisnull(raw, row, column) == 0, let bytes = PQgetvalue(raw, row, column) else {
          rows.append(nil)
          continue
        }
        rows.append(UnsafeRawBufferPointer(start: bytes, count: Int(PQgetlength(raw, row, column))))
      }
      rows.endRow()
    }
  }

  private func field(_ code: Int32) -> String? { PQresultErrorField(raw, code).map { String(cString: $0) } }
}

import CPostgres
import PrimitiveKit

/// A connection of libpq: it cannot be copied and is closed when it goes out of scope.
struct PostgresHandle: ~Copyable {
  let raw: OpaquePointer

  /// Begins to connect; nil when there is no memory.
  ///
  /// Host names are looked up at once and block the thread meanwhile.
  init?(_ address: PostgresAddress) {
    // The URL is given as the name of the database, which libpq expands; what follows it wins.
    let fields = [("dbname", address.url), ("client_encoding", "UTF8"), ("fallback_application_name", "opsh")]
    let raw = CStrings(fields.map(\.0)).read { keywords in
      CStrings(fields.map(\.1)).read { values in PQconnectStartParams(keywords, values, 1) }
    }
    guard let raw else { return nil }
    self.raw = raw
    // The default prints notices to standard error, into the operator's prompt.
    PQsetNoticeReceiver(raw, { _, _ in }, nil)
  }

  deinit { PQfinish(raw) }

  /// What went wrong last, in one line.
  var lastError: String {
    let text = PQerrorMessage(raw).map { String(cString: $0) } ?? ""
    // Lines that begin with a tab only guess at the reason.
    let lines = text.split(whereSeparator: \.isNewline).filter { $0.first?.isWhitespace == false }.prefix(2)
    return lines.isEmpty ? "the connection was closed" : lines.joined(separator: "; ")
  }

  var isBroken: Bool { PQstatus(raw) == CONNECTION_BAD }
  var socket: Int32 { PQsocket(raw) }

  /// Sends one statement with arguments; false when it could not.
  borrowing func send(_ statement: String, _ arguments: [DatabaseArgument]) -> Bool {
    let types = arguments.map(\.type)
    return CStrings(arguments.map(\.text)).read { values in
      PQsendQueryParams(raw, statement, Int32(arguments.count), types, values, nil, nil, 0)
    } == 1
  }

  /// Hands itself to `body`; for a handle that is optional.
  borrowing func carry<Answer>(_ body: (borrowing PostgresHandle) -> Answer) -> Answer { body(self) }

  /// Sends several statements without arguments; false when it could not.
  borrowing func send(_ statements: String) -> Bool { PQsendQuery(raw, statements) == 1 }
}

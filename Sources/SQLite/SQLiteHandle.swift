import CSQLite

/// One open connection of the library and its compiled statements; used on one thread.
struct SQLiteHandle: ~Copyable {
  let raw: OpaquePointer
  private let path: String
  private var statements: [String: SQLiteStatement] = [:]

  // A program knows some sixty statements; lists of unlike length make more.
  private static let cacheLimit = 128

  /// Opens the file.
  init(path: String, access: SQLiteAccess) throws(SQLiteError) {
    var raw: OpaquePointer?
    let flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(SQLiteHandle.address(path, access), &raw, flags | SQLiteHandle.mode(access), nil)
    guard let raw, code == SQLITE_OK else {
      let error = SQLiteHandle.error(code, raw, path)
      sqlite3_close_v2(raw)
      throw error
    }
    self.raw = raw
    self.path = path
  }

  deinit {
    // Statements that are not freed yet keep the connection until they are (sqlite.org/c3ref/close.html).
    sqlite3_close_v2(raw)
  }

  var hasMoved: Bool { opsh_has_moved(raw) != 0 }
  var isInTransaction: Bool { sqlite3_get_autocommit(raw) == 0 }
  var changes: Int { Int(sqlite3_changes64(raw)) }

  func setBusyTimeout(_ limit: Duration) { sqlite3_busy_timeout(raw, Int32(clamping: Int64(limit / .milliseconds(1)))) }

  /// Hands itself to `body`; for a handle that is optional.
  borrowing func carry<Answer: ~Copyable>(
    _ body: (borrowing SQLiteHandle) throws(SQLiteError) -> Answer
  ) throws(SQLiteError) -> Answer { try body(self) }

  /// Runs one statement; answers the names of its columns.
  mutating func run(
    _ text: String,
    _ arguments: [SQLiteValue],
    _ row: ([SQLiteValue]) -> Void = { _ in }
  ) throws(SQLiteError) -> [String] {
    let statement = try compiled(text)
    switch statement.run(arguments, row) {
    case SQLITE_DONE: return statement.columns
    case SQLITE_RANGE:
      throw SQLiteError(code: SQLITE_RANGE, detail: "\(arguments.count) arguments are too few for: \(text)", path: path)
    case let code: throw SQLiteHandle.error(code, raw, path)
    }
  }

  private mutating func compiled(_ text: String) throws(SQLiteError) -> SQLiteStatement {
    if let statement = statements[text] { return statement }
    var raw: OpaquePointer?
    let code = sqlite3_prepare_v3(self.raw, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &raw, nil)
    guard code == SQLITE_OK, let raw else { throw SQLiteHandle.error(code, self.raw, path) }
    let statement = SQLiteStatement(raw)
    if statements.count >= SQLiteHandle.cacheLimit { statements = [:] }
    statements[text] = statement
    return statement
  }

  static func error(_ code: Int32, _ raw: OpaquePointer?, _ path: String) -> SQLiteError {
    // Only valid until the next call on this connection.
    let detail = raw.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
    // What the library remembers may be of an earlier call, so the log's own word comes first.
    let systemErrors = raw.map { [opsh_file_errno($0), sqlite3_system_errno($0)] } ?? []
    return SQLiteError(code: code, systemErrors: systemErrors, detail: detail, path: path)
  }

  private static func mode(_ access: SQLiteAccess) -> Int32 {
    switch access {
    case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    case .readWrite: SQLITE_OPEN_READWRITE
    case .readOnly, .immutable: SQLITE_OPEN_READONLY
    }
  }

  /// The path as a URI, where every byte but letters, digits and a few signs is escaped.
  private static func address(_ path: String, _ access: SQLiteAccess) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes = Array("file:".utf8)
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self) + (access == .immutable ? "?immutable=1" : "")
  }
}

import CSQLite
import Journal
import PrimitiveKit

/// One open connection of the library and its compiled statements; used on one thread.
struct SQLiteHandle: ~Copyable {
  private let raw: OpaquePointer
  private let path: String
  private var statements: [String: SQLiteStatement] = [:]

  // The journal knows some sixty statements; lists of unlike length make more.
  private static let cacheLimit = 128

  /// Opens the file; throws `journal.*`.
  init(path: String, access: SQLiteAccess) throws(CallFailure) {
    var raw: OpaquePointer?
    let flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(SQLiteHandle.address(path, access), &raw, flags | SQLiteHandle.mode(access), nil)
    guard let raw, code == SQLITE_OK else {
      let failure = SQLiteHandle.failure(code, raw, path)
      sqlite3_close_v2(raw)
      throw failure
    }
    self.raw = raw
    self.path = path
  }

  deinit {
    // Statements that are not freed yet keep the connection until they are (sqlite.org/c3ref/close.html).
    sqlite3_close_v2(raw)
  }

  /// Whether the file was moved or removed since it was opened.
  var hasMoved: Bool { opsh_has_moved(raw) != 0 }

  /// Whether a transaction is open.
  var isInTransaction: Bool { sqlite3_get_autocommit(raw) == 0 }

  /// Runs one statement; throws `journal.*`.
  @discardableResult
  mutating func query(_ text: String, _ arguments: [DatabaseValue] = []) throws(CallFailure) -> [[DatabaseValue]] {
    let statement = try compiled(text)
    switch statement.run(arguments) {
    case .success(let rows): return rows
    case .failure(let error) where error.code == SQLITE_RANGE:
      throw CallFailure(
        .journal,
        code: "journal.failed",
        message: "\(arguments.count) arguments are too few for: \(text)"
      )
    case .failure(let error): throw SQLiteHandle.failure(error.code, raw, path)
    }
  }

  private mutating func compiled(_ text: String) throws(CallFailure) -> SQLiteStatement {
    if let statement = statements[text] { return statement }
    var raw: OpaquePointer?
    let code = sqlite3_prepare_v3(self.raw, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &raw, nil)
    guard code == SQLITE_OK, let raw else { throw SQLiteHandle.failure(code, self.raw, path) }
    let statement = SQLiteStatement(raw)
    if statements.count >= SQLiteHandle.cacheLimit { statements = [:] }
    statements[text] = statement
    return statement
  }

  private static func failure(_ code: Int32, _ raw: OpaquePointer?, _ path: String) -> CallFailure {
    // Only valid until the next call on this connection.
    let detail = raw.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
    return SQLiteFailure.of(code, systemErrors: raw.map(systemErrors) ?? [], detail: detail, path: path)
  }

  // What the library remembers may be of an earlier call, so the log's own word comes first.
  private static func systemErrors(_ raw: OpaquePointer) -> [Int32] {
    [opsh_file_errno(raw), sqlite3_system_errno(raw)]
  }

  private static func mode(_ access: SQLiteAccess) -> Int32 {
    access == .readWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY
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

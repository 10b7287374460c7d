import CSQLite
import Journal

/// A compiled statement; a class because it lives in a dictionary, and freed with it.
///
/// Belongs to one handle and is used on its thread only.
final class SQLiteStatement {
  private let raw: OpaquePointer
  /// Which argument each parameter of the statement takes, counted from 0.
  private let arguments: [Int]

  /// Takes over a compiled statement.
  ///
  /// The library numbers `$2 $1` in the order of appearance, so the names say which argument is meant.
  init(_ raw: OpaquePointer) {
    self.raw = raw
    let count = sqlite3_bind_parameter_count(raw)
    arguments = (0..<count).map { index in
      guard let name = sqlite3_bind_parameter_name(raw, index + 1) else { return Int(index) }
      return (Int(String(cString: name).dropFirst()) ?? 0) - 1
    }
  }

  deinit { sqlite3_finalize(raw) }

  /// Runs it and answers its rows, or the result code that is not a success.
  func run(_ values: [DatabaseValue]) -> Result<[[DatabaseValue]], SQLiteCode> {
    defer {
      sqlite3_reset(raw)
      sqlite3_clear_bindings(raw)
    }
    for (index, argument) in arguments.enumerated() {
      guard values.indices.contains(argument) else { return .failure(SQLiteCode(code: SQLITE_RANGE)) }
      let code = bind(values[argument], at: Int32(index + 1))
      if code != SQLITE_OK { return .failure(SQLiteCode(code: code)) }
    }
    let columns = sqlite3_column_count(raw)
    var rows: [[DatabaseValue]] = []
    while true {
      switch sqlite3_step(raw) {
      case SQLITE_ROW: rows.append((0..<columns).map(field))
      case SQLITE_DONE: return .success(rows)
      case let code: return .failure(SQLiteCode(code: code))
      }
    }
  }

  private func bind(_ value: DatabaseValue, at index: Int32) -> Int32 {
    switch value {
    case .null: sqlite3_bind_null(raw, index)
    case .int(let int): sqlite3_bind_int64(raw, index, int)
    case .text(var text):
      text.withUTF8 { bytes in
        // An empty buffer has no address, and no address would bind NULL.
        bytes.withMemoryRebound(to: CChar.self) { characters in
          characters.baseAddress.map { opsh_bind_text(raw, index, $0, Int32(characters.count)) }
            ?? opsh_bind_text(raw, index, "", 0)
        }
      }
    }
  }

  private func field(_ column: Int32) -> DatabaseValue {
    switch sqlite3_column_type(raw, column) {
    case SQLITE_NULL: return .null
    case SQLITE_INTEGER: return .int(sqlite3_column_int64(raw, column))
    default:
      guard let bytes = sqlite3_column_text(raw, column) else { return .text("") }
      let count = Int(sqlite3_column_bytes(raw, column))
      return .text(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
    }
  }
}

/// A result code that is not a success.
struct SQLiteCode: Error {
  let code: Int32
}

import CSQLite

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

  /// The names of its columns; after a change of the schema only known once it has run.
  var columns: [String] {
    (0..<sqlite3_column_count(raw)).map { sqlite3_column_name(raw, $0).map { String(cString: $0) } ?? "" }
  }

  /// Runs it and hands over its rows; answers `SQLITE_DONE`, or the result code that is not a success.
  func run(_ values: [SQLiteValue], _ row: ([SQLiteValue]) -> Void) -> Int32 {
    defer {
      sqlite3_reset(raw)
      sqlite3_clear_bindings(raw)
    }
    for (index, argument) in arguments.enumerated() {
      guard values.indices.contains(argument) else { return SQLITE_RANGE }
      let code = bind(values[argument], at: Int32(index + 1))
      if code != SQLITE_OK { return code }
    }
    while true {
      switch sqlite3_step(raw) {
      case SQLITE_ROW: row((0..<sqlite3_column_count(raw)).map(field))
      case let code: return code
      }
    }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
    switch value {
    case .null: sqlite3_bind_null(raw, index)
    case .int(let int): sqlite3_bind_int64(raw, index, int)
    case .real(let real): sqlite3_bind_double(raw, index, real)
    case .text(var text):
      text.withUTF8 { bytes in
        // An empty buffer has no address, and no address would bind NULL.
        bytes.withMemoryRebound(to: CChar.self) { characters in
          characters.baseAddress.map { opsh_bind_text(raw, index, $0, Int32(characters.count)) }
            ?? opsh_bind_text(raw, index, "", 0)
        }
      }
    case .blob(let bytes):
      bytes.withUnsafeBytes { opsh_bind_blob(raw, index, $0.baseAddress, Int32($0.count)) }
    }
  }

  private func field(_ column: Int32) -> SQLiteValue {
    switch sqlite3_column_type(raw, column) {
    case SQLITE_NULL: return .null
    case SQLITE_INTEGER: return .int(sqlite3_column_int64(raw, column))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(raw, column))
    case SQLITE_BLOB:
      let count = Int(sqlite3_column_bytes(raw, column))
      guard let bytes = sqlite3_column_blob(raw, column) else { return .blob([]) }
      return .blob(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
    default:
      guard let bytes = sqlite3_column_text(raw, column) else { return .text("") }
      let count = Int(sqlite3_column_bytes(raw, column))
      return .text(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
    }
  }
}

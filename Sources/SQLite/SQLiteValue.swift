/// A field, or an argument, as the library stores it: the type belongs to the value, not to the column.
package enum SQLiteValue: Sendable, Equatable {
  case null
  case int(Int64)
  case real(Double)
  /// May hold zero bytes.
  case text(String)
  case blob([UInt8])

  package var int: Int64? { if case .int(let int) = self { int } else { nil } }
  package var real: Double? { if case .real(let real) = self { real } else { nil } }
  package var text: String? { if case .text(let text) = self { text } else { nil } }
  package var blob: [UInt8]? { if case .blob(let blob) = self { blob } else { nil } }
}

/// What one statement answered.
package struct SQLiteResult: Sendable, Equatable {
  package let columns: [String]
  package let rows: [[SQLiteValue]]
}

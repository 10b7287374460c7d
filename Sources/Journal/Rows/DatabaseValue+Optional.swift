extension DatabaseValue {
  /// The text, or null.
  static func optional(_ text: String?) -> DatabaseValue { text.map { .text($0) } ?? .null }

  /// The number, or null.
  static func optional(_ int: Int?) -> DatabaseValue { int.map { .int(Int64($0)) } ?? .null }

  /// The number, or null.
  static func optional(_ int: Int64?) -> DatabaseValue { int.map { .int($0) } ?? .null }
}

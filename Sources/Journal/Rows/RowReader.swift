import PrimitiveKit

/// Takes the columns of one row in order and checks each.
struct RowReader {
  private let row: [DatabaseValue]
  private let table: String
  private var column = 0

  init(_ row: [DatabaseValue], of table: String) {
    self.row = row
    self.table = table
  }

  /// Throws `journal.corrupt` where a column is missing or no text.
  mutating func text() throws(CallFailure) -> String {
    guard let text = next().text else { throw unreadable("is not text") }
    return text
  }

  mutating func optionalText() -> String? { next().text }

  /// Throws `journal.corrupt` where a column is missing or no number.
  mutating func int() throws(CallFailure) -> Int64 {
    guard let int = next().int else { throw unreadable("is not a number") }
    return int
  }

  mutating func optionalInt() -> Int64? { next().int }

  /// Throws `journal.corrupt` for a word that is none of the type's.
  mutating func word<Word: RawRepresentable<String>>(_ type: Word.Type) throws(CallFailure) -> Word {
    let text = try text()
    guard let word = Word(rawValue: text) else { throw unreadable("holds '\(text)'") }
    return word
  }

  /// Throws `journal.coding` for a text that is not the JSON of the type.
  mutating func json<Content: Decodable>(_ type: Content.Type) throws(CallFailure) -> Content {
    try OperationCoding().decode(type, from: try text())
  }

  /// Like `json`, and nil where the column is empty.
  mutating func optionalJSON<Content: Decodable>(_ type: Content.Type) throws(CallFailure) -> Content? {
    guard let text = optionalText() else { return nil }
    return try OperationCoding().decode(type, from: text)
  }

  private mutating func next() -> DatabaseValue {
    defer { column += 1 }
    return row.indices.contains(column) ? row[column] : .null
  }

  private func unreadable(_ what: String) -> CallFailure {
    CallFailure(
      .journal,
      .damaged,
      code: "journal.corrupt",
      message: "the journal cannot be read: column \(column) of a row of \(table) \(what)",
      hint: "see what else was changed with `opsh audit verify`"
    )
  }
}

extension DatabaseValue {
  /// The text, or null.
  static func optional(_ text: String?) -> DatabaseValue { text.map { .text($0) } ?? .null }

  /// The number, or null.
  static func optional(_ int: Int?) -> DatabaseValue { int.map { .int(Int64($0)) } ?? .null }

  /// The number, or null.
  static func optional(_ int: Int64?) -> DatabaseValue { int.map { .int($0) } ?? .null }
}

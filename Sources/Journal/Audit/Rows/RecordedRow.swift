import Foundations
import PrimitiveKit

/// What audit records say of one row of a table.
struct RecordedRow {
  /// What they say of one column.
  enum Content {
    case value(DatabaseValue)
    /// JSON, with null also for an empty column.
    case json(String)
    /// The SHA-256 of the column's text.
    case digest(String)
    /// The lines of the column as a JSON list.
    case lines(String)

    func fits(_ found: DatabaseValue) -> Bool {
      switch self {
      case .value(let value): found == value
      case .json(let json): found == .text(json) || (json == "null" && found == .null)
      case .digest(let digest): found.text.map { SHA256(hashing: $0.utf8).hex == digest } ?? false
      case .lines(let json):
        found.text.map { JSONText.list($0.split(separator: "\n").map { .string(String($0)) }).text == json } ?? false
      }
    }
  }

  /// Of the record that began it.
  let begun: Int64
  /// Of the newest record about it.
  var seq: Int64
  /// By name; columns that no record tells of are left out.
  private(set) var columns: [String: Content] = [:]

  init(seq: Int64) {
    begun = seq
    self.seq = seq
  }

  /// Says what a column holds from now on; nil where the record does not tell.
  mutating func set(_ column: String, _ content: Content?) { columns[column] = content }

  /// Takes values of columns from fields of a record, where it has them.
  mutating func take(_ names: [(column: String, field: String)], from fields: AuditFields) {
    for (column, field) in names { set(column, fields.value(field).map { .value($0) }) }
  }

  /// An epoch of an older opsh, which gave seconds.
  mutating func scale(_ column: String) {
    if case .value(.int(let seconds)) = columns[column] { set(column, .value(.int(seconds * Int64(Epoch.second)))) }
  }

  /// Columns that are empty from now on.
  mutating func clear(_ names: String...) {
    for name in names { set(name, .value(.null)) }
  }

  /// A record that this opsh does not know may have changed anything.
  mutating func forget() { columns = [:] }

  /// The SHA-256 that a field holds; null is an empty column.
  mutating func takeDigest(_ column: String, _ field: String, from fields: AuditFields) {
    switch fields.value(field) {
    case .text(let digest)?: set(column, .digest(digest))
    case .null?: set(column, .value(.null))
    default: set(column, nil)
    }
  }

  mutating func takeJSON(_ column: String, _ field: String, from fields: AuditFields) {
    set(column, fields.json(field).map { .json($0) })
  }
}

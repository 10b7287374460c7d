/// The names and types of a statement's columns.
package struct PostgresColumns: Sendable, Equatable {
  package let names: [String]
  /// OIDs of `pg_type`.
  package let types: [UInt32]
}

/// Some rows in one piece of memory: no text is made before somebody asks for it.
package struct PostgresRows: Sendable, RandomAccessCollection {
  package internal(set) var columns = PostgresColumns(names: [], types: [])
  private var bytes: [UInt8] = []
  // Where each field ends; NULL ends where the field before it does, and is marked by a negative number.
  private var ends: [Int] = []
  private var rows = 0

  init() {}

  package var startIndex: Int { 0 }
  package var endIndex: Int { rows }
  package subscript(index: Int) -> PostgresRow { PostgresRow(rows: self, index: index) }

  mutating func append(_ field: UnsafeRawBufferPointer?) {
    if let field { bytes.append(contentsOf: field) }
    ends.append(field == nil ? ~bytes.count : bytes.count)
  }

  mutating func endRow() { rows += 1 }

  /// Answers what has come, and forgets it.
  mutating func take() -> PostgresRows {
    defer {
      bytes.removeAll()
      ends.removeAll()
      rows = 0
    }
    return self
  }

  func field(_ row: Int, _ column: Int) -> PostgresField? {
    let index = row * columns.types.count + column
    guard ends[index] >= 0 else { return nil }
    let before = index == 0 ? 0 : ends[index - 1]
    let field = bytes[(before < 0 ? ~before : before)..<ends[index]]
    return PostgresField(type: columns.types[column], column: columns.names[column], bytes: field)
  }
}

/// One row of an answer.
package struct PostgresRow: Sendable {
  private let rows: PostgresRows
  private let index: Int

  init(rows: PostgresRows, index: Int) {
    self.rows = rows
    self.index = index
  }

  package var columns: PostgresColumns { rows.columns }

  /// The field of a column, counted from 0; nil is NULL.
  package subscript(column: Int) -> PostgresField? { rows.field(index, column) }

  /// Reads a column, counted from 0; throws `.invalid` for NULL and for another type.
  package func read<Value: PostgresDecodable>(
    _ column: Int,
    as type: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    guard let value = try readIfAny(column, as: type) else {
      throw .invalid("the column \"\(columns.names[column])\" is null")
    }
    return value
  }

  /// Reads a column that may be NULL.
  package func readIfAny<Value: PostgresDecodable>(
    _ column: Int,
    as type: Value.Type = Value.self
  ) throws(PostgresError) -> Value? {
    guard columns.types.indices.contains(column) else { throw .invalid("the answer has no column \(column)") }
    guard let field = rows.field(index, column) else { return nil }
    return try Value(postgres: field)
  }

  /// Reads a column by name, which must be there once.
  package func read<Value: PostgresDecodable>(
    _ name: String,
    as type: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    let found = columns.names.indices.filter { columns.names[$0] == name }
    guard let column = found.first, found.count == 1 else {
      throw .invalid("the answer has \(found.isEmpty ? "no" : "more than one") column \"\(name)\"")
    }
    return try read(column, as: type)
  }
}

/// What one statement did.
package struct PostgresResult: Sendable {
  package let rows: PostgresRows
  /// For example `UPDATE 3`, or `ROLLBACK` for a COMMIT that was none.
  package let tag: String
  /// Where the session stands now.
  package let transaction: TransactionStatus
  /// Warnings of the server on the way, the first word being the SQLSTATE.
  package let warnings: [String]

  /// Rows that were changed or read, as the tag says.
  package var affected: Int? { tag.split(separator: " ").last.flatMap { Int($0) } }
}

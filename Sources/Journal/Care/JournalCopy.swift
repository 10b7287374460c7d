package import PrimitiveKit

/// Copies the rows of one journal into another database, in the transactions of both.
package struct JournalCopy: Sendable {
  private let tables: [JournalTables.Table]

  // Texts may be long.
  private static let page = 100

  /// What both databases have.
  ///
  /// Throws `journal.schema_differs` where the target lacks something that the source has.
  package init(from source: JournalTables, to target: JournalTables) throws(CallFailure) {
    var common: [JournalTables.Table] = []
    for table in target.tables {
      guard let there = source[table.name] else { continue }
      if let lost = there.columns.first(where: { !table.columns.contains($0) }) {
        throw JournalCopy.differs("its table \(table.name) has a column '\(lost)' unknown to this opsh")
      }
      let columns = table.columns.filter(there.columns.contains)
      common.append(JournalTables.Table(name: table.name, columns: columns, key: table.key))
    }
    tables = common
  }

  /// Replaces everything in the target by what the source holds; durable with the target's transaction.
  ///
  /// Throws `journal.*`.
  package func copy(
    from source: any DatabaseSession,
    to target: any DatabaseSession
  ) async throws(CallFailure) {
    for table in tables.reversed() { try await target.query("DELETE FROM \(table.name)", []) }
    for table in tables { try await copy(table, from: source, to: target) }
  }

  private func copy(
    _ table: JournalTables.Table,
    from source: any DatabaseSession,
    to target: any DatabaseSession
  ) async throws(CallFailure) {
    let columns = table.columns.joined(separator: ", ")
    let key = table.key.joined(separator: ", ")
    let places = (1...max(1, table.columns.count)).map { "$\($0)" }.joined(separator: ", ")
    let positions = table.key.compactMap { table.columns.firstIndex(of: $0) }
    let select = "SELECT \(columns) FROM \(table.name)"
    let order = key.isEmpty ? "" : " ORDER BY \(key) LIMIT \(JournalCopy.page)"
    var last: [DatabaseValue] = []
    while true {
      // A row value is compared column by column (sqlite.org/rowvalue.html).
      let after = last.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
      let condition = last.isEmpty ? "" : " WHERE (\(key)) > (\(after))"
      let rows = try await source.query("\(select)\(condition)\(order)", last)
      for row in rows {
        try await target.query("INSERT INTO \(table.name)(\(columns)) VALUES (\(places))", row)
      }
      guard let row = rows.last, !key.isEmpty, rows.count == JournalCopy.page else { return }
      last = positions.map { row[$0] }
    }
  }

  private static func differs(_ what: String) -> CallFailure {
    CallFailure(
      .journal,
      code: "journal.schema_differs",
      message: "the journal cannot be copied: \(what)",
      hint: "use the opsh that created it, or a newer one"
    )
  }
}

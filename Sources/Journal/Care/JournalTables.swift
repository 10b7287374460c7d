package import PrimitiveKit

/// The tables of a database as it describes them itself, so that a copy takes every column whatever its schema is.
package struct JournalTables: Sendable {
  /// A table that rows are copied from and to.
  package struct Table: Sendable {
    package let name: String
    package let columns: [String]
    /// The columns of its primary key, in order.
    package let key: [String]
  }

  /// In an order in which rows never come before those that they refer to.
  package let tables: [Table]

  /// Reads what tables there are.
  ///
  /// Throws `journal.*`.
  package init(of database: any Database) async throws(CallFailure) {
    let isSQLite: Bool
    do throws(CallFailure) {
      _ = try await database.reading { (session) throws(CallFailure) in
        try await session.query("SELECT sqlite_version()", [])
      }
      isSQLite = true
    } catch {
      isSQLite = false
    }
    let rows = try await database.reading { (session) throws(CallFailure) in
      try await session.query(isSQLite ? JournalTables.sqlite : JournalTables.postgres, [])
    }
    var columns: [String: [(name: String, place: Int64)]] = [:]
    for row in rows {
      guard let table = row[0].text, let column = row[1].text else { continue }
      columns[table, default: []].append((column, row[2].int ?? 0))
    }
    // Only `runs` is referred to.
    let names = columns.keys.sorted { ($0 == "runs" ? "" : $0) < ($1 == "runs" ? "" : $1) }
    tables = names.map { name in
      let all = columns[name] ?? []
      let key = all.filter { $0.place > 0 }.sorted { $0.place < $1.place }
      return Table(name: name, columns: all.map(\.name), key: key.map(\.name))
    }
  }

  /// The table with this name; nil without one.
  package subscript(name: String) -> Table? { tables.first { $0.name == name } }

  private static let sqlite = """
    SELECT m.name, p.name, p.pk FROM sqlite_schema m, pragma_table_info(m.name) p
    WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_' ORDER BY m.name, p.cid
    """

  private static let postgres = """
    SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), CAST(COALESCE((
        SELECT k.place FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attribute, place)
        WHERE i.indrelid = c.oid AND i.indisprimary AND k.attribute = a.attnum), 0) AS BIGINT)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
    WHERE c.relkind = 'r' ORDER BY c.relname, a.attnum
    """
}

import Journal
package import PrimitiveKit
import SQLite

extension SQLiteDatabase {
  /// Copies the database as it is at one moment into a new file; others keep reading and writing it.
  ///
  /// The file is complete when this returns, one by itself, for its owner only. Throws `journal.*`.
  package func backUp(to path: String) async throws(CallFailure) {
    try SQLiteFile(path: path).create()
    // A connection of its own: the others are not kept waiting.
    let source = SQLiteConnection(path: self.path, name: "journal-backup")
    let result: Result<Void, SQLiteError>
    do throws(SQLiteError) {
      do throws(SQLiteError) {
        try await source.open(.readWrite, busyTimeout: .seconds(10), settings: SQLiteDatabase.looking)
      } catch {
        try await source.open(.readOnly, busyTimeout: .seconds(10), settings: SQLiteDatabase.reading)
      }
      // All pages in one step: never begun anew because of a writer (sqlite.org/backup.html).
      result = .success(try await source.backup(to: path, pages: -1))
    } catch {
      result = .failure(error)
    }
    await source.close()
    if case .failure(let error) = result { throw SQLiteFailure.of(error) }
    try await SQLiteDatabase.makeSingle(path)
  }

  /// Makes a database that nobody has open one file, without helper files; throws `journal.*`.
  package static func makeSingle(_ path: String) async throws(CallFailure) {
    let connection = SQLiteConnection(path: path, name: "journal-backup")
    let result: Result<Void, SQLiteError>
    do throws(SQLiteError) {
      result = .success(try await connection.open(.readWrite, settings: ["PRAGMA journal_mode = DELETE"]))
    } catch {
      result = .failure(error)
    }
    await connection.close()
    if case .failure(let error) = result { throw SQLiteFailure.of(error) }
  }

  /// What the database says of itself: empty where its pages, indices and references are whole; at most 40 lines.
  package func integrity() async throws(CallFailure) -> [String] {
    try await reading { (session) throws(CallFailure) in
      var lines = try await session.query("PRAGMA integrity_check(20)", []).compactMap { $0.first?.text }
      if lines == ["ok"] { lines = [] }
      for row in try await session.query("PRAGMA foreign_key_check", []).prefix(20) {
        lines.append("a row of \(row.first?.text ?? "?") belongs to no run")
      }
      return lines
    }
  }

  /// Gives the room of removed rows back to the disk, where nobody else is in the way.
  package func compact() async {
    _ = try? await execute("VACUUM")
    _ = try? await execute("PRAGMA wal_checkpoint(TRUNCATE)")
  }
}

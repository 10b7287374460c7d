import Glibc
package import Journal
import JournalSQLite
package import PrimitiveKit

extension JournalCare {
  /// Writes the journal as it is at one moment into a file, which is there whole or not at all.
  ///
  /// The file is an SQLite database of the journal's tables, whatever the journal itself is kept in; others keep using the
  /// journal. Answers where the copy stands. Throws `backup.exists` for a file that is something else, `backup.self`,
  /// `journal.no_directory`, and `journal.*`, also of the file.
  package func backUp(to path: String) async throws(CallFailure) -> JournalStanding {
    try JournalPlace.file(path).requireDirectory()
    let journal = try await open()
    let standing: Result<JournalStanding, CallFailure>
    do throws(CallFailure) {
      standing = .success(try await backUp(journal, to: path))
    } catch {
      standing = .failure(error)
    }
    if case .success = standing { await journal.noteBackup() }
    await JournalCare.close(journal.database)
    return try standing.get()
  }

  private func backUp(_ journal: Journal, to path: String) async throws(CallFailure) -> JournalStanding {
    try await refuseOther(path, of: journal)
    let partial = PartialFile(of: path)
    do throws(CallFailure) {
      if let file = journal.database as? SQLiteDatabase {
        try await file.backUp(to: partial.path)
      } else {
        try await JournalCare.copy(journal.database, to: partial.path, identity)
      }
      let copy = try await BackupFile(path: partial.path).standing(seenFrom: identity)
      try partial.place()
      return copy
    } catch {
      partial.remove()
      throw error
    }
  }

  /// Copies all tables into a new file of their own.
  static func copy(
    _ source: any Database,
    to path: String,
    _ identity: ProcessIdentity
  ) async throws(CallFailure) {
    let database = try await SQLiteDatabase.open(path)
    let result: Result<Void, CallFailure>
    do throws(CallFailure) {
      let target = try await Journal.open(database, identity: identity)
      let copy = try JournalCopy(
        from: try await JournalTables(of: source),
        to: try await JournalTables(of: database)
      )
      try await target.replace(by: source, copy)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    // With the last connection the log is written into the file and removed (sqlite.org/wal.html).
    await database.close()
    try result.get()
    try await SQLiteDatabase.makeSingle(path)
  }

  private func refuseOther(_ path: String, of journal: Journal) async throws(CallFailure) {
    if case .file(let own) = place, BackupFile.isSame(own, path) {
      throw CallFailure(
        .refused,
        code: "backup.self",
        message: "\(path) is the journal itself",
        hint: "name another file, preferably on another disk"
      )
    }
    guard access(path, F_OK) == 0 else { return }
    let there = try? await BackupFile(path: path).standing(seenFrom: identity)
    if let there, there.id == journal.id { return }
    throw CallFailure(
      .refused,
      code: "backup.exists",
      message: "\(path) exists and is not a backup of this journal",
      hint: "name another file, or remove it"
    )
  }
}

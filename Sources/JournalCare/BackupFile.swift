import Glibc
import Journal
import JournalSQLite
import PrimitiveKit

/// A file that `opsh journal backup` wrote.
struct BackupFile {
  let path: String

  /// Opens it for reading; throws `backup.unreadable` for a file that is not there or cannot be read, and
  /// `backup.wrong_file` for one that is no database.
  func open() async throws(CallFailure) -> SQLiteDatabase {
    // The library would make a file that is not there.
    guard access(path, R_OK) == 0 else {
      throw CallFailure(
        .invalid,
        code: "backup.unreadable",
        message: "\(path) cannot be read: \(String(cString: strerror(errno)))",
        hint: "give a file that `opsh journal backup` wrote"
      )
    }
    do throws(CallFailure) {
      return try await SQLiteDatabase.open(path, isReadOnly: true)
    } catch {
      // Of a file that somebody gives, it is no fault of the journal.
      guard error.mark == .damaged else { throw error }
      throw wrong("it is not a database, or is damaged")
    }
  }

  /// Where the copy stands; throws `backup.wrong_file` for a file that holds no journal.
  func standing(seenFrom identity: ProcessIdentity) async throws(CallFailure) -> JournalStanding {
    let database = try await open()
    let found: Result<JournalStanding?, CallFailure>
    do throws(CallFailure) {
      found = .success(try await JournalStanding.of(database, seenFrom: identity))
    } catch {
      found = .failure(error)
    }
    await database.close()
    do throws(CallFailure) {
      guard let standing = try found.get() else { throw wrong("it contains no journal") }
      return standing
    } catch {
      guard error.mark == .damaged else { throw error }
      throw wrong("it is not a database, or is damaged")
    }
  }

  /// What is wrong with the copy; empty when it is whole.
  ///
  /// Throws as `standing` does.
  func problems(_ identity: ProcessIdentity) async throws(CallFailure) -> [String] {
    let database = try await open()
    let found: Result<[String], CallFailure>
    do throws(CallFailure) {
      var lines = try await database.integrity()
      // Without the anchors: they may know of more than was backed up.
      let journal = try await Journal.open(database, identity: identity)
      if lines.isEmpty { lines = try await journal.verify().problems.map(\.message) }
      found = .success(lines)
    } catch {
      found = .failure(error)
    }
    await database.close()
    return try found.get()
  }

  func wrong(_ why: String) -> CallFailure {
    CallFailure(
      .invalid,
      code: "backup.wrong_file",
      message: "\(path) is not a journal backup: \(why)",
      hint: "give a file that `opsh journal backup` wrote"
    )
  }

  /// Whether two paths are one file.
  static func isSame(_ one: String, _ other: String) -> Bool {
    if one == other { return true }
    var (first, second) = (stat(), stat())
    guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }
}

import Foundation
import Glibc
package import Journal
import JournalSQLite
package import PrimitiveKit

extension JournalCare {
  /// What a restore brought back.
  package struct Restored: Sendable {
    package let standing: JournalStanding
    /// What the journal had and the backup has not; nothing where there was none.
    package let lost: JournalLoss
    /// Where the damaged file was put; nil when there was none.
    package let aside: String?
  }

  /// Puts a backup in the place of the journal, which is the old one or the new one at every moment.
  ///
  /// What was restored is marked `epochs_unsure`: hosts may know newer epochs than it does. Over a journal in use, one that has
  /// records that the backup has not, or another one, it goes only with `reason`. Throws `backup.*`, `restore.refused`
  /// with why, and `journal.*`.
  package func restore(from path: String, reason: String?) async throws(CallFailure) -> Restored {
    let file = BackupFile(path: path)
    if case .file(let own) = place, BackupFile.isSame(own, path) { throw file.wrong("it is the journal itself") }
    let schema = try await file.standing(seenFrom: identity).schema
    if schema > Journal.schemaVersion {
      throw file.wrong("its schema is \(schema); this opsh knows only schema \(Journal.schemaVersion)")
    }
    guard schema < Journal.schemaVersion else { return try await restore(file, named: path, reason: reason) }
    // The backup stays as it is; a copy of it is migrated.
    let copy = PartialFile(of: NSTemporaryDirectory() + "opsh-restore")
    let result: Result<Restored, CallFailure>
    do throws(CallFailure) {
      let old = try await file.open()
      try await old.backUp(to: copy.path)
      await old.close()
      let database = try await SQLiteDatabase.open(copy.path)
      _ = try await Journal.open(database, identity: identity)
      await database.close()
      try await SQLiteDatabase.makeSingle(copy.path)
      result = .success(try await restore(BackupFile(path: copy.path), named: path, reason: reason))
    } catch {
      result = .failure(error)
    }
    copy.remove()
    return try result.get()
  }

  private func restore(_ file: BackupFile, named path: String, reason: String?) async throws(CallFailure) -> Restored {
    let backup = try await file.standing(seenFrom: identity)
    if let problem = try await file.problems(identity).first {
      throw CallFailure(
        .invalid,
        code: "backup.damaged",
        message: "the backup \(path) is damaged: \(problem)",
        hint: "use an older one"
      )
    }
    var note = RestoreNote(file: path, reason: reason)
    switch try await present(backup) {
    case .none: return try await begin(from: file, note) { () throws(CallFailure) in nil }
    case .damaged(let why):
      guard reason != nil else { throw refused("it is damaged (\(why)), and what can still be read would be lost") }
      return try await begin(from: file, note) { () throws(CallFailure) in try setAside() }
    case .journal(let lost, let obstacles):
      if reason == nil, let first = obstacles.first { throw refused(first) }
      note.lost = lost
      return try await replace(by: file, note)
    }
  }

  private enum Present {
    case none
    case damaged(String)
    /// With what would be lost, and what speaks against overwriting it.
    case journal(JournalLoss, [String])
  }

  private func present(_ backup: JournalStanding) async throws(CallFailure) -> Present {
    guard place.exists else { return .none }
    let database: any Database
    let standing: JournalStanding?
    do throws(CallFailure) {
      database = try await self.database()
      standing = try await JournalStanding.of(database, seenFrom: identity).map(withSessions)
    } catch {
      guard error.mark == .damaged, case .file = place else { throw error }
      return .damaged(error.message)
    }
    guard let standing, standing.head > 0 else {
      await JournalCare.close(database)
      return standing == nil ? .none : .journal(JournalLoss(), [])
    }
    let isBeginning = try await standing.isBeginning(of: backup, database)
    let isSame = standing.id == backup.id
    var lost =
      isBeginning ? JournalLoss() : try await JournalLoss.of(database, beyond: isSame ? backup.head : 0)
    lost.locks = standing.locks.filter { backup.locks[$0.key] == nil }.values.sorted()
    var obstacles: [String] = []
    if let user = standing.users.first {
      obstacles.append(
        "it is in use: \(user)\(standing.users.count > 1 ? " and \(standing.users.count - 1) more" : "")"
      )
    }
    if !isSame {
      obstacles.append("it is not the journal that was backed up (\(standing.id), not \(backup.id))")
    } else if !isBeginning, standing.head > backup.head {
      obstacles.append("it is newer: \(lost.words) would be lost")
    }
    await JournalCare.close(database)
    return .journal(lost, obstacles)
  }

  private func refused(_ why: String) -> CallFailure {
    CallFailure(
      .refused,
      code: "restore.refused",
      message: "the journal \(place.name) was not overwritten: \(why)",
      hint: "back it up first with `opsh journal backup`; to overwrite it anyway use `--force --reason …`"
    )
  }

  /// Creates the journal if it is missing, or after setting a damaged one aside at the last moment.
  ///
  /// All that is to be said of the restore is in it before it gets its name.
  private func begin(
    from file: BackupFile,
    _ note: RestoreNote,
    _ makeRoom: () throws(CallFailure) -> String?
  ) async throws(CallFailure) -> Restored {
    guard case .file(let path) = place else { return try await replace(by: file, note) }
    try SQLiteFile(path: path).createDirectory()
    let partial = PartialFile(of: path)
    do throws(CallFailure) {
      let standing = try await restore(file, into: try await SQLiteDatabase.open(partial.path), note)
      try await SQLiteDatabase.makeSingle(partial.path)
      let aside = try makeRoom()
      try partial.place()
      return Restored(standing: standing, lost: note.lost, aside: aside)
    } catch {
      partial.remove()
      throw error
    }
  }

  /// Overwrites the journal in one transaction of its own, so that whoever has it open sees the one or the other.
  private func replace(by file: BackupFile, _ note: RestoreNote) async throws(CallFailure) -> Restored {
    let standing = try await restore(file, into: try await database(), note)
    return Restored(standing: standing, lost: note.lost, aside: nil)
  }

  /// Fills a database from a backup and closes it; what anchors know beyond that is accepted.
  private func restore(
    _ file: BackupFile,
    into database: any Database,
    _ note: RestoreNote
  ) async throws(CallFailure) -> JournalStanding {
    let result: Result<JournalStanding, CallFailure>
    do throws(CallFailure) {
      let source = try await file.open()
      do throws(CallFailure) {
        // What is overwritten may refuse to be written; the tables are there or made.
        let journal = try await Journal.open(database, identity: identity, anchor: anchor)
        let copy = try JournalCopy(from: try await JournalTables(of: source), to: try await JournalTables(of: database))
        try await journal.replace(by: source, copy, note: note)
      } catch {
        await source.close()
        throw error
      }
      await source.close()
      result = .success(try await accept(database, note))
    } catch {
      result = .failure(error)
    }
    await JournalCare.close(database)
    return try result.get()
  }

  /// Anchors that know of more than was restored are nothing that anybody did to it.
  private func accept(_ database: any Database, _ note: RestoreNote) async throws(CallFailure) -> JournalStanding {
    var journal = try await Journal.open(database, identity: identity, anchor: anchor)
    let isWhole = journal.isDamaged ? false : try await journal.verify().isIntact
    if !isWhole {
      _ = try await journal.accept(reason: "restored from \(note.file)\(note.reason.map { ": \($0)" } ?? "")")
      journal = try await Journal.open(database, identity: identity, anchor: anchor)
    }
    try await journal.anchorHead()
    guard let standing = try await JournalStanding.of(database, seenFrom: identity) else { throw missing() }
    return standing
  }

  /// Puts a damaged file with its helper files beside; answers where it is now.
  private func setAside() throws(CallFailure) -> String? {
    guard case .file(let path) = place else { return nil }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let aside = "\(path).damaged-\(time.tv_sec)"
    // The log first: one that is left would be taken for that of the file to come.
    for end in ["-wal", "-shm", "-journal", ""] where access(path + end, F_OK) == 0 {
      guard rename(path + end, aside + end) == 0 else {
        throw CallFailure(
          .journal,
          code: "journal.unavailable",
          message: "\(path)\(end) cannot be moved aside: \(String(cString: strerror(errno)))"
        )
      }
    }
    return aside
  }
}

extension JournalLoss {
  /// For people: `12 audit records and 2 runs`.
  package var words: String {
    let records = "\(self.records) audit \(self.records == 1 ? "record" : "records")"
    return runCount == 0 ? records : "\(records) and \(runCount) \(runCount == 1 ? "run" : "runs")"
  }
}

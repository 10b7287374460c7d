import Foundation
import Glibc
package import Journal
import JournalSQLite
package import PrimitiveKit

extension JournalCare {
  /// What a restore brought back.
  package struct Restored: Sendable {
    package let standing: JournalStanding
    /// Audit records that the journal had and the backup has not; 0 where there was none.
    package let lost: Int64
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
      throw file.wrong("its schema is \(schema), and this opsh knows only schema \(Journal.schemaVersion)")
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
        hint: "take an older one"
      )
    }
    let restored: Restored
    switch try await present(backup) {
    case .none: restored = try await begin(from: file, backup, aside: nil)
    case .damaged(let why):
      guard reason != nil else { throw refused("it is damaged (\(why)), and what can be read of it would be lost") }
      restored = try await begin(from: file, backup, aside: try setAside())
    case .journal(let there, let obstacles):
      if reason == nil, let first = obstacles.first { throw refused(first) }
      restored = try await replace(there, by: file, backup)
    }
    try await tell(restored, path: path, reason: reason)
    return restored
  }

  private enum Present {
    case none
    case damaged(String)
    /// With what speaks against overwriting it.
    case journal(JournalStanding, [String])
  }

  private func present(_ backup: JournalStanding) async throws(CallFailure) -> Present {
    guard place.exists else { return .none }
    let database: any Database
    let standing: JournalStanding?
    do throws(CallFailure) {
      database = try await place.open(allowsNetwork: allowsNetwork)
      standing = try await JournalStanding.of(database, seenFrom: identity)
    } catch {
      guard error.mark == .damaged, case .file = place else { throw error }
      return .damaged(error.message)
    }
    guard let standing, standing.head > 0 else {
      await JournalCare.close(database)
      return standing.map { .journal($0, []) } ?? .none
    }
    var obstacles: [String] = []
    if let user = standing.users.first {
      obstacles.append(
        "it is in use: \(user)\(standing.users.count > 1 ? " and \(standing.users.count - 1) more" : "")"
      )
    }
    if standing.id != backup.id {
      obstacles.append("it is another journal (\(standing.id)) than the one that was backed up (\(backup.id))")
    } else if try await !standing.isBeginning(of: backup, database), standing.head > backup.head {
      let lost = standing.head - backup.head
      obstacles.append("it is newer: \(lost) audit \(lost == 1 ? "record" : "records") would be lost")
    }
    await JournalCare.close(database)
    return .journal(standing, obstacles)
  }

  private func refused(_ why: String) -> CallFailure {
    CallFailure(
      .refused,
      code: "restore.refused",
      message: "the journal \(place.name) is not overwritten: \(why)",
      hint: "`opsh journal backup` keeps it first; `--force --reason …` overwrites it all the same"
    )
  }

  /// Makes the journal where there is none.
  private func begin(
    from file: BackupFile,
    _ backup: JournalStanding,
    aside: String?
  ) async throws(CallFailure) -> Restored {
    guard case .file(let path) = place else { return try await replace(nil, by: file, backup) }
    try SQLiteFile(path: path).createDirectory()
    let partial = PartialFile(of: path)
    let source = try await file.open()
    let result: Result<Void, CallFailure>
    do throws(CallFailure) {
      try await JournalCare.copy(source, to: partial.path, identity, epochsAreUnsure: true)
      try partial.place()
      result = .success(())
    } catch {
      partial.remove()
      result = .failure(error)
    }
    await source.close()
    try result.get()
    return Restored(standing: backup, lost: 0, aside: aside)
  }

  /// Overwrites the journal in one transaction of its own, so that whoever has it open sees the one or the other.
  private func replace(
    _ there: JournalStanding?,
    by file: BackupFile,
    _ backup: JournalStanding
  ) async throws(CallFailure) -> Restored {
    let source = try await file.open()
    let result: Result<Void, CallFailure>
    do throws(CallFailure) {
      let database = try await place.open(allowsNetwork: allowsNetwork)
      // What is overwritten may refuse to be written; the tables are there or made.
      let journal = try await Journal.open(database, identity: identity)
      let copy = try JournalCopy(from: try await JournalTables(of: source), to: try await JournalTables(of: database))
      try await journal.replace(by: source, copy, epochsAreUnsure: true)
      await JournalCare.close(database)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await source.close()
    try result.get()
    return Restored(standing: backup, lost: there.map { max(0, $0.head - backup.head) } ?? 0, aside: nil)
  }

  /// Writes down in the restored journal that it was restored; what anchors know beyond it is accepted with that.
  private func tell(_ restored: Restored, path: String, reason: String?) async throws(CallFailure) {
    let journal = try await open()
    let words = "restored from \(path)\(reason.map { ": \($0)" } ?? "")"
    let result: Result<Void, CallFailure>
    do throws(CallFailure) {
      // Anchors that were lost with the journal, too, are nothing that anybody did to it.
      let isWhole = journal.isDamaged ? false : try await journal.verify().isIntact
      if !isWhole { _ = try await journal.accept(reason: words) }
      let whole = try await open()
      try await whole.append(
        "journal.restore",
        run: nil,
        body: .table([
          "file": .string(path), "head": .int(Int(restored.standing.head)), "lost": .int(Int(restored.lost)),
          "reason": reason.map { .string($0) } ?? .null,
        ])
      )
      await whole.anchorNewest()
      await JournalCare.close(whole.database)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await JournalCare.close(journal.database)
    try result.get()
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
          message: "\(path)\(end) cannot be put aside: \(String(cString: strerror(errno)))"
        )
      }
    }
    return aside
  }
}

import Glibc
package import Journal
package import PrimitiveKit

extension JournalCare {
  /// Copies the journal into another place and marks the old one as moved: it refuses to be written and says where it went.
  ///
  /// Killed at any moment, one of them is the journal and a second try ends it. Answers where the journal stands. Throws
  /// `move.refused` while it is in use or when something else is at the target, `journal.no_directory`, and `journal.*`.
  package func move(to target: JournalPlace, reason: String?) async throws(CallFailure) -> JournalStanding {
    if target == place { throw refused("\(target.name) is its current place") }
    if case .file(let own) = place, case .file(let other) = target, BackupFile.isSame(own, other) {
      throw refused("\(target.name) is its current place")
    }
    try target.requireDirectory()
    let journal = try await open()
    let result: Result<JournalStanding, CallFailure>
    do throws(CallFailure) {
      result = .success(try await move(journal, to: target, reason))
    } catch {
      result = .failure(error)
    }
    await JournalCare.close(journal.database)
    return try result.get()
  }

  private func move(
    _ journal: Journal,
    to target: JournalPlace,
    _ reason: String?
  ) async throws(CallFailure) -> JournalStanding {
    if let refusal = journal.refusal { throw refusal }
    guard let own = try await JournalStanding.of(journal.database, seenFrom: identity) else { throw missing() }
    if let user = withSessions(own).users.first { throw refused("it is in use: \(user)") }
    let existed = target.exists
    let database = try await target.open(allowsNetwork: allowsNetwork)
    if let there = try await JournalStanding.of(database, seenFrom: identity), there.head > 0 {
      // A move that was killed has left a copy that this journal continues.
      let begun = there.head > own.head + 2 ? nil : try await copyHead(database)
      let isOwn = begun.map { there.id == own.id && $0 <= own.head } ?? false
      guard isOwn else {
        await JournalCare.close(database)
        throw refused("\(target.name) already contains a journal (\(there.id), \(there.runs.counted("run")))")
      }
    } else if existed, case .file = target, try await !JournalTables(of: database).tables.isEmpty,
      try await JournalStanding.of(database, seenFrom: identity) == nil
    {
      await JournalCare.close(database)
      throw refused("\(target.name) is a database used for something else")
    }
    // Makes the tables.
    _ = try await Journal.open(database, identity: identity)
    let copy = try JournalCopy(
      from: try await JournalTables(of: journal.database),
      to: try await JournalTables(of: database)
    )
    _ = try await journal.move(to: database, copy, place: target.name, reason: reason)
    let standing = try await JournalStanding.of(database, seenFrom: identity)
    await JournalCare.close(database)
    guard let standing else { throw missing() }
    return standing
  }

  /// The place up to which a copy that a killed move left is the journal itself: its last two records only tell of the move.
  private func copyHead(_ database: any Database) async throws(CallFailure) -> Int64? {
    let row = try await database.reading { (session) throws(CallFailure) in
      try await session.query("SELECT seq, event FROM audit ORDER BY seq DESC LIMIT 1", []).first
    }
    guard let row, row[1].text == "journal.move" else { return nil }
    return row[0].int.map { $0 - 2 }
  }

  private func refused(_ why: String) -> CallFailure {
    CallFailure(
      .refused,
      code: "move.refused",
      message: "the journal \(place.name) was not moved: \(why)",
      hint: "check it with `opsh journal`"
    )
  }
}

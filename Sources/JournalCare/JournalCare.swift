package import Journal
import JournalPostgres
import JournalSQLite
package import PrimitiveKit

/// Looks after the journal of a site: backs it up, restores, checks, prunes and moves it.
package struct JournalCare: Sendable {
  package let place: JournalPlace
  /// The file with the second record of hashes; nil for none.
  package let anchor: AnchorFile?
  package let identity: ProcessIdentity
  /// Whether the file may lie on a network file system.
  package var allowsNetwork = false
  /// Answers the password of its server; nil where the address or the environment has it.
  package var password: JournalPlace.Password?

  package init(place: JournalPlace, anchor: AnchorFile?, identity: ProcessIdentity) {
    self.place = place
    self.anchor = anchor
    self.identity = identity
  }

  /// Opens its database, whatever is in it.
  func database() async throws(CallFailure) -> any Database {
    try await place.open(allowsNetwork: allowsNetwork, password: password)
  }

  /// Opens the journal that is there; throws `journal.missing` instead of beginning a new one, and `journal.*`.
  func open() async throws(CallFailure) -> Journal {
    guard place.exists else { throw missing() }
    return try await Journal.open(
      try await database(),
      identity: identity,
      anchor: anchor
    )
  }

  /// Where the journal stands; throws `journal.missing` and `journal.*`.
  package func standing() async throws(CallFailure) -> JournalStanding {
    guard place.exists else { throw missing() }
    let database = try await self.database()
    let standing: Result<JournalStanding?, CallFailure>
    do throws(CallFailure) {
      standing = .success(try await JournalStanding.of(database, seenFrom: identity))
    } catch {
      standing = .failure(error)
    }
    await JournalCare.close(database)
    guard let found = try standing.get() else { throw missing() }
    return withSessions(found)
  }

  /// Where it stands, with the processes that have it open among those who use it; of a server nobody can tell.
  func withSessions(_ standing: JournalStanding) -> JournalStanding {
    guard case .file(let path) = place else { return standing }
    var standing = standing
    standing.users += FileUsers.processes(of: path).map { "process \($0) has it open" }
    return standing
  }

  /// When the journal was last backed up, in milliseconds since 1970; nil when it never was.
  package func lastBackup() async throws(CallFailure) -> Int64? {
    let journal = try await open()
    let last = try await journal.lastBackup()
    await JournalCare.close(journal.database)
    return last
  }

  /// Removes runs that ended before a time, as `Journal.prune` does.
  ///
  /// Throws `journal.*`.
  package func prune(before: Int64, isDry: Bool) async throws(CallFailure) -> PruneReport {
    let journal = try await open()
    let report: Result<PruneReport, CallFailure>
    do throws(CallFailure) {
      report = .success(try await journal.prune(before: before, isDry: isDry))
    } catch {
      report = .failure(error)
    }
    if !isDry, case .success = report { await (journal.database as? SQLiteDatabase)?.compact() }
    await JournalCare.close(journal.database)
    return try report.get()
  }

  static func close(_ database: any Database) async {
    await (database as? SQLiteDatabase)?.close()
    await (database as? PostgresDatabase)?.close()
  }

  func missing() -> CallFailure {
    CallFailure(
      .invalid,
      code: "journal.missing",
      message: "no journal at \(place.name)",
      hint: "check `journal` in the site, or restore a backup with `opsh journal restore FILE`"
    )
  }
}

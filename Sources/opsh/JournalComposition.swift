import Drivers
import Foundation
import Journal
import JournalPostgres
import JournalSQLite
import PrimitiveKit
import Runbooks
import Site

/// Puts the journal of a site together: database, locks, registry.
struct JournalComposition: Sendable {
  let site: Site?
  let setting: SessionSetting
  let clock: any Clock<Duration>
  /// The changes that can be read back.
  let operations: [any PrimitiveKit.Operation.Type]
  /// What is told of newer locks.
  let fences: EpochFences

  /// The registry, opened when it is first needed.
  var registry: RegistryOpener { RegistryOpener { () async throws(CallFailure) in try await open() } }

  private func open() async throws(CallFailure) -> RunRegistry {
    guard let site else {
      throw CallFailure(
        .invalid,
        code: "site.missing",
        message: "there is no site, so there is no journal, and nothing is changed without one",
        hint: "give one with `--site FILE` or $OPSH_SITE, or start opsh where a site.lua lies"
      )
    }
    let identity = ProcessIdentity.current(version: Opsh.version)
    let journal = try await open(site, identity)
    if let notice = journal.notice { setting.dialogue.say("journal: \(notice)") }
    if let obstacle = await journal.obstacle() {
      setting.dialogue.say("journal: \(obstacle.message); nothing can be changed")
    }
    let lease = site.journal.lease
    return RunRegistry(
      journal: journal,
      locks: RunLocks(
        store: LockStore(journal),
        holder: LockHolder(identity),
        clock: clock,
        timing: LeaseTiming(duration: lease, renewal: lease / 4, retry: lease / 12, startLimit: lease * 3 / 4),
        patience: site.journal.lockWait,
        dialogue: setting.dialogue
      ),
      coding: OperationCoding(kinds: operations, texts: journal.texts),
      dialogue: setting.dialogue,
      fence: { [fences] hosts, epoch in await fences.fence(hosts, epoch: epoch) },
      epochs: { [fences] hosts in
        let found = await fences.epochs(of: hosts)
        return (found.seen, hosts.filter(found.silent.contains))
      },
      resetEpochs: { [fences] hosts, epoch in await fences.reset(hosts, to: epoch, journal: journal.id) }
    )
  }

  /// Whether there is a journal to ask; one on a server is taken to be there.
  @Sendable func exists() -> Bool {
    guard let site else { return false }
    if let given = site.journal.journal, given.contains("://") { return true }
    let path = site.journal.journal.map(expand) ?? (try? "\(stateDirectory())/opsh/\(site.name).journal")
    return path.map(FileManager.default.fileExists(atPath:)) ?? false
  }

  private func open(_ site: Site, _ identity: ProcessIdentity) async throws(CallFailure) -> Journal {
    if let url = site.journal.journal, url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
      let database = try PostgresDatabase(url: url)
      let anchor = try AnchorFile(path: "\(stateDirectory())/opsh/\(site.name).journal.anchor")
      return try await Journal.open(database, identity: identity, anchor: anchor)
    }
    let path: String
    if let given = site.journal.journal {
      path = expand(given)
    } else {
      path = try "\(stateDirectory())/opsh/\(site.name).journal"
    }
    let database = try await SQLiteDatabase.open(path, allowsNetwork: site.journal.allowsNetwork)
    return try await Journal.open(database, identity: identity, anchor: AnchorFile(path: "\(path).anchor"))
  }

  private func expand(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = setting.environment["HOME"] else { return path }
    return home + path.dropFirst()
  }

  private func stateDirectory() throws(CallFailure) -> String {
    guard let directory = UserDirectory.state(setting.environment) else {
      throw CallFailure(
        .journal,
        code: "journal.unavailable",
        message: "there is no place for the journal: HOME is not set",
        hint: "set HOME or XDG_STATE_HOME, or `journal` in the site"
      )
    }
    return directory
  }
}

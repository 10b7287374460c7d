import Drivers
import Fleet
import Foundation
import Journal
import PrimitiveKit
import Runbooks
import SQLite
import Synchronization

/// Puts the journal of a site together: database, locks, registry.
struct JournalComposition: Sendable {
  let site: Site?
  let setting: SessionSetting
  let clock: any Clock<Duration>
  /// The fleet, once it is there: hosts are told of epochs through it.
  let fleet = Later<Fleet>()

  /// The registry, opened when it is first needed.
  var registry: RegistryOpener { RegistryOpener { () async throws(CallFailure) in try await open() } }

  private func open() async throws(CallFailure) -> RunRegistry {
    guard let site else {
      throw CallFailure(
        code: "site.missing",
        message: "there is no site, so there is no journal, and nothing is changed without one",
        hint: "give one with `--site FILE` or $OPSH_SITE, or start opsh where a site.lua lies"
      )
    }
    let identity = ProcessIdentity.current(version: Opsh.version)
    let path = try path(site)
    let database = try await SQLiteDatabase.open(path)
    let journal = try await Journal.open(database, identity: identity, anchor: AnchorFile(path: "\(path).anchor"))
    if let refusal = journal.refusal ?? database.refusal {
      setting.dialogue.say("journal: \(refusal.message); nothing can be changed")
    }
    return RunRegistry(
      journal: journal,
      locks: JournalLocks(
        store: LockStore(journal),
        holder: LockHolder(identity),
        clock: clock,
        timing: .standard,
        patience: .zero,
        dialogue: setting.dialogue
      ),
      coding: OperationCoding(kinds: Fleet.operationKinds, texts: journal.texts),
      dialogue: setting.dialogue,
      fence: { hosts, epoch in hosts }
    )
  }

  private func path(_ site: Site) throws(CallFailure) -> String {
    guard let directory = UserDirectory.state(setting.environment) else {
      throw CallFailure(
        code: "journal.unavailable",
        message: "there is no place for the journal: HOME is not set",
        hint: "set HOME or XDG_STATE_HOME, or `journal` in the site"
      )
    }
    return "\(directory)/opsh/\(site.name).journal"
  }
}

/// Something that is there later than those who will need it.
final class Later<Value: Sendable>: Sendable {
  private let box = Mutex<Value?>(nil)

  var value: Value? { box.withLock { $0 } }

  func set(_ value: Value) { box.withLock { $0 = value } }
}

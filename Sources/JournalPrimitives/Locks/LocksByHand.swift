import Journal
import PrimitiveKit
import Runs

/// Locks that a person takes, releases and breaks, and epochs that a person resets.
struct LocksByHand: Sendable {
  let setting: RunSetting

  func list() async throws(CallFailure) -> [LockEntry] {
    try await LockStore(setting.registry.open().journal).list().flatMap(LockEntry.entries)
  }

  func take(_ scope: LockScope, reason: String) async throws(CallFailure) -> [LockEntry] {
    let scopes = try self.scopes(byHand: scope)
    if try await setting.isDry("lock \(scope)") {
      try await setting.showLock(scopes, except: "")
      return []
    }
    let journal = try await setting.registry.open().journal
    let store = LockStore(journal)
    let id = setting.drawID()
    let holder = LockHolder(journal.identity)
    let grant = try await store.take(scopes, claim: "hand.\(id)", holder: holder, reason: reason)
    return try await store.list().filter { $0.claim == grant.claim }.flatMap(LockEntry.entries)
  }

  func release(_ scope: LockScope) async throws(CallFailure) -> [LockEntry] {
    if try await setting.isDry("release \(scope)") {
      try await setting.showLock([scope], except: "")
      return []
    }
    let journal = try await setting.registry.open().journal
    return try await LockStore(journal).release(scope, of: journal.identity.operatorName).flatMap(LockEntry.entries)
  }

  func resetEpochs(on selection: String, reason: String) async throws(CallFailure) -> [ResetEntry] {
    let hosts = try setting.site.hosts(selection)
    let names = NameSet(names: hosts).folded
    if try await setting.isDry("reset the epoch of \(names)") { return [] }
    let registry = try await setting.registry.open()
    let id = setting.drawID()
    try await confirmReset(of: hosts, run: id)
    let store = LockStore(registry.journal)
    // The whole site is one scope, and each of its hosts has an epoch of its own all the same.
    let scopes = setting.site.scopes(hosts) + hosts.map { LockScope(path: ["host", $0]) }
    let holder = LockHolder(registry.journal.identity)
    let grant = try await store.resetEpochs(of: scopes, claim: "reset.\(id)", holder: holder, reason: reason)
    let failures = await registry.resetEpochs(hosts, grant.epoch)
    try await store.release(grant.claim)
    if !failures.isEmpty {
      let names = NameSet(names: Array(failures.keys)).folded
      setting.dialogue.say("  the epoch of \(names) was not reset there: changes may still be refused")
      setting.dialogue.note(.failuresWithinBudget)
    }
    return hosts.map { ResetEntry(host: $0, epoch: grant.epoch, problem: failures[$0]?.message) }
  }

  func breakLock(_ scope: LockScope, reason: String, spokeTo: String) async throws(CallFailure) -> [LockEntry] {
    if try await setting.isDry("break the lock on \(scope)") {
      try await setting.showLock([scope], except: "")
      return []
    }
    let journal = try await setting.registry.open().journal
    let holder = LockHolder(journal.identity)
    let store = LockStore(journal)
    let broken = try await store.breakLock(.path(scope), by: holder, reason: reason, spokeTo: spokeTo)
    for run in broken.compactMap(\.run) {
      let open = try await journal.unresolved(run: run)
      guard !open.isEmpty else { continue }
      let places = open.map(\.target).folded
      setting.dialogue.say("  run \(run) held it; the outcome of its changes on \(places) is not known yet")
    }
    return broken.flatMap(LockEntry.entries)
  }

  /// Asks for the number of hosts whose epoch is reset; throws `plan.declined`.
  private func confirmReset(of hosts: [String], run: String) async throws(CallFailure) {
    let expected = "\(hosts.count)"
    let text = "Reset the epoch of \(NameSet(names: hosts).folded)? the number of hosts,"
    let typed = try await setting.desk(nil).confirm(run: run, id: "reset", text: text, expecting: expected)
    guard typed == expected else {
      throw CallFailure(
        .cancelled,
        code: "plan.declined",
        message: "not confirmed: expected \(expected); no epoch was reset",
        hint: "run it again and type exactly what it asks for"
      )
    }
  }

  /// What a lock taken by hand covers: a host is also part of its groups.
  ///
  /// Throws `lock.scope` for a kind that no domain has, and `call.argument` for what the site does not know.
  private func scopes(byHand scope: LockScope) throws(CallFailure) -> [LockScope] {
    try setting.lockKinds.check(scope)
    guard scope.path.first == "host" else { return [scope] }
    let name = scope.path.last ?? ""
    guard try setting.site.hosts(name) == [name] else {
      throw CallFailure(
        .invalid,
        code: "call.argument",
        message: "lock.take: '\(name)' is not the name of one host",
        hint: "take a lock for each host, or one on an environment"
      )
    }
    return [scope] + setting.site.scopes([name]).filter { $0.mode == .intentExclusive }
  }
}

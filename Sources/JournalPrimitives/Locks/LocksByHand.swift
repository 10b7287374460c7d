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
      try await setting.showLock(scopes, except: CallContext.current.run?.id ?? "")
      return []
    }
    let journal = try await setting.registry.open().journal
    let store = LockStore(journal)
    let id = setting.drawID()
    let holder = LockHolder(journal.identity)
    let grant = try await store.take(
      scopes,
      claim: "hand.\(id)",
      holder: holder,
      reason: reason,
      within: CallContext.current.run?.id
    )
    return try await store.list().filter { $0.claim == grant.claim }.flatMap(LockEntry.entries)
  }

  func release(_ scope: LockScope) async throws(CallFailure) -> [LockEntry] {
    if try await setting.isDry("release \(scope)") {
      try await setting.showLock([scope], except: CallContext.current.run?.id ?? "")
      return []
    }
    let journal = try await setting.registry.open().journal
    return try await LockStore(journal).release(scope, of: journal.identity.operatorName).flatMap(LockEntry.entries)
  }

  func resetEpochs(on selection: String, reason: String) async throws(CallFailure) -> [ResetEntry] {
    try LockStore.require(reason, of: "lock.reset_epoch")
    let registry = try await setting.registry.open()
    let wanted = try scopes(keepingEpochs: selection, registry.fences)
    if try await setting.isDry("reset the epoch of \(wanted.folded)") { return [] }
    let id = setting.drawID()
    try await confirmReset(of: wanted, run: id)
    let store = LockStore(registry.journal)
    // The whole site is one scope, and each of its hosts has an epoch of its own all the same.
    let scopes = setting.site.locking.complete(wanted) + wanted
    let holder = LockHolder(registry.journal.identity)
    let grant = try await store.resetEpochs(of: scopes, claim: "reset.\(id)", holder: holder, reason: reason)
    let failures = await registry.fences.reset(wanted, to: grant.epoch, journal: registry.journal.id)
    try await store.release(grant.claim)
    if !failures.isEmpty {
      let names = Array(failures.keys).folded
      setting.dialogue.say("  the epoch on \(names) was not reset; changes may still be refused there")
      setting.dialogue.note(.failuresWithinBudget)
    }
    return wanted.map { ResetEntry(host: $0.subject.subject, epoch: grant.epoch, problem: failures[$0]?.message) }
  }

  func breakLock(_ scope: LockScope, reason: String, spokeTo: String) async throws(CallFailure) -> [LockEntry] {
    if try await setting.isDry("break the lock on \(scope)") {
      try await setting.showLock([scope], except: CallContext.current.run?.id ?? "")
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

  /// The hosts of a set, or the scope that is named; throws `lock.scope` for one behind which nothing keeps an epoch.
  private func scopes(keepingEpochs text: String, _ fences: EpochFences) throws(CallFailure) -> [LockScope] {
    guard text.contains("/"), let scope = LockScope(text) else {
      return try setting.site.hosts(text).map { .host($0) }
    }
    try setting.lockKinds.check(scope)
    let kept = fences.kept([scope])
    guard kept.isEmpty else { return kept }
    throw CallFailure(
      .invalid,
      code: "lock.scope",
      message: "'\(scope)' has no epoch",
      hint: "give hosts as a set, or \(fences.kinds.sorted().map { "\($0)/NAME" }.joined(separator: ", "))"
    )
  }

  /// Asks for the number of hosts and databases whose epoch is reset; throws `plan.declined`.
  private func confirmReset(of scopes: [LockScope], run: String) async throws(CallFailure) {
    let what = scopes.allSatisfy { $0.path.first == "host" } ? "hosts" : "databases"
    var confirmation = Confirmation("Reset the epoch of \(scopes.folded)?", stakes: [Stake(scopes.count, what)])
    confirmation.spared = "no epoch was reset"
    try confirmation.check(try await setting.questions(nil).confirm(run: run, id: "reset", confirmation))
  }

  /// What a lock taken by hand covers: a host is also part of its groups.
  ///
  /// Throws `lock.scope` for a kind that no domain has, and `call.argument` for what the site does not know.
  private func scopes(byHand scope: LockScope) throws(CallFailure) -> [LockScope] {
    guard scope.path.first == "host", scope.path.count == 2 else {
      try setting.lockKinds.check(scope)
      return [scope]
    }
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

import Journal
import PrimitiveKit

extension RunbookDesk {
  /// Who may change what, and locks that a person takes by hand.
  var lockPrimitives: [Primitive] {
    [
      Primitive(
        "locks",
        "Lists what is locked now, and by whom.",
        effect: .reads,
        returns: "One record a scope",
        examples: [Example("locks()", "who works where")],
        topics: ["lease", "holder", "lock", "epoch"]
      ) { () async throws(CallFailure) in
        try await LockStore(self.require().registry().journal).list().flatMap(LockEntry.entries)
      },

      Primitive(
        "lock.take",
        "Locks a part of the fleet by hand: it stays until you release it, and no run waits for it.",
        effect: .administers,
        Parameter<LockPath>("scope", "fleet, host/NAME, environment/NAME, system/NAME, database/NAME …"),
        Parameter<String>("reason", "Why, for everybody who finds it"),
        returns: "One record a scope",
        examples: [Example(#"lock.take<scope="host/web002", reason="its clock is wrong">"#, "keep runs off one host")],
        topics: ["freeze", "stop", "maintenance"]
      ) { path, reason async throws(CallFailure) in
        try await self.takeLock(path.scope, reason: reason)
      },

      Primitive(
        "lock.release",
        "Releases a lock that you took by hand.",
        effect: .administers,
        Parameter<LockPath>("scope", "As it was taken"),
        returns: "What is no longer locked",
        examples: [
          Example(
            #"lock.take<scope="host/web001", reason="a look"> lock.release<scope="host/web001">"#,
            "for a while only"
          )
        ],
        topics: ["unlock"]
      ) { path async throws(CallFailure) in
        if try await self.isDry("release \(path.scope)") {
          try await self.require().showLock([path.scope], except: "")
          return [LockEntry]()
        }
        let journal = try await self.require().registry().journal
        let name = journal.identity.operatorName
        return try await LockStore(journal).release(path.scope, of: name).flatMap(LockEntry.entries)
      },

      Primitive(
        "lock.break",
        "Takes a lock away from whoever holds it; a run that held it stops before its next change.",
        effect: .administers,
        Parameter<LockPath>("scope", "As `locks()` shows it"),
        Parameter<String>("reason", "Why; the audit keeps it"),
        Parameter<String>("spoke_to", default: "", "Who agreed: needed for a lock another person took by hand"),
        returns: "What is no longer locked",
        examples: [
          Example(
            #"lock.take<scope="host/web001", reason="a look"> lock.break<scope="host/web001", reason="forgotten">"#,
            "one of your own"
          )
        ],
        topics: ["unlock", "steal", "stuck"]
      ) { path, reason, spokeTo async throws(CallFailure) in
        try await self.breakLock(path.scope, reason: reason, spokeTo: spokeTo)
      },

      Primitive(
        "lock.reset_epoch",
        "Mends epochs that a wrong clock put far ahead, in the journal and on hosts.",
        effect: .administers,
        Parameter<String>("on", "The hosts, as a set"),
        Parameter<String>("reason", "Why; the audit keeps it"),
        returns: "One record a host",
        examples: [
          Example(#"lock.reset_epoch<on="web001", reason="its clock was wrong">"#, "after its clock is right again")
        ],
        topics: ["epoch", "clock", "stale", "fence"]
      ) { on, reason async throws(CallFailure) in
        try await self.resetEpochs(on: on, reason: reason)
      },
    ]
  }

  private func takeLock(_ scope: LockScope, reason: String) async throws(CallFailure) -> [LockEntry] {
    let engine = try require()
    let scopes = try engine.scopes(byHand: scope)
    if try await isDry("lock \(scope)") {
      try await engine.showLock(scopes, except: "")
      return []
    }
    let journal = try await engine.registry().journal
    let store = LockStore(journal)
    let id = RunID.make(seed: engine.world.drawSeed(), now: engine.world.now())
    let holder = LockHolder(journal.identity)
    let grant = try await store.take(scopes, claim: "hand.\(id)", holder: holder, reason: reason)
    return try await store.list().filter { $0.claim == grant.claim }.flatMap(LockEntry.entries)
  }

  private func resetEpochs(on selection: String, reason: String) async throws(CallFailure) -> [ResetEntry] {
    let engine = try require()
    let hosts = try engine.setting.site.hosts(selection)
    let names = NameSet(names: hosts).folded
    if try await isDry("reset the epoch of \(names)") { return [] }
    let registry = try await engine.registry()
    let id = RunID.make(seed: engine.world.drawSeed(), now: engine.world.now())
    try await engine.confirmReset(of: hosts, run: id)
    let store = LockStore(registry.journal)
    // The whole site is one scope, and each of its hosts has an epoch of its own all the same.
    let scopes = engine.setting.site.scopes(hosts) + hosts.map { LockScope(path: ["host", $0]) }
    let holder = LockHolder(registry.journal.identity)
    let grant = try await store.resetEpochs(of: scopes, claim: "reset.\(id)", holder: holder, reason: reason)
    let failures = await registry.resetEpochs(hosts, grant.epoch)
    try await store.release(grant.claim)
    if !failures.isEmpty {
      let names = NameSet(names: Array(failures.keys)).folded
      engine.dialogue.say("  the epoch of \(names) was not reset there: changes may still be refused")
      engine.dialogue.note(.failuresWithinBudget)
    }
    return hosts.map { ResetEntry(host: $0, epoch: grant.epoch, problem: failures[$0]?.message) }
  }

  private func breakLock(_ scope: LockScope, reason: String, spokeTo: String) async throws(CallFailure) -> [LockEntry] {
    let engine = try require()
    if try await isDry("break the lock on \(scope)") {
      try await engine.showLock([scope], except: "")
      return []
    }
    let journal = try await engine.registry().journal
    let holder = LockHolder(journal.identity)
    let store = LockStore(journal)
    let broken = try await store.breakLock(.path(scope), by: holder, reason: reason, spokeTo: spokeTo)
    for run in broken.compactMap(\.run) {
      let open = try await journal.unresolved(run: run)
      guard !open.isEmpty else { continue }
      let places = open.map(\.target).folded
      engine.dialogue.say("  run \(run) held it; the outcome of its changes on \(places) is not known yet")
    }
    return broken.flatMap(LockEntry.entries)
  }
}

/// What came of a reset on one host.
private struct ResetEntry: Record, Sendable {
  let host: String
  let epoch: Int
  let problem: String?

  static var luaType: String { "lock.Reset" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("host", "string", "Host"),
      FieldInfo("ok", "boolean", "Whether the host has the new epoch"),
      FieldInfo("epoch", "integer", "What it was reset to"),
      FieldInfo("problem", "string?", "Why the host has it not"),
    ]
  }

  var value: Value {
    .table(["host": host.value, "ok": (problem == nil).value, "epoch": epoch.value, "problem": problem.value])
  }
}

extension RunbookEngine {
  /// Asks for the number of hosts whose epoch is reset; throws `plan.declined`.
  fileprivate func confirmReset(of hosts: [String], run: String) async throws(CallFailure) {
    let expected = "\(hosts.count)"
    let text = "Reset the epoch of \(NameSet(names: hosts).folded)? the number of hosts,"
    let typed = try await desk(nil).confirm(run: run, id: "reset", text: text, expecting: expected)
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
  fileprivate func scopes(byHand scope: LockScope) throws(CallFailure) -> [LockScope] {
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

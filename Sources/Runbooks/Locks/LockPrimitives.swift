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
        Parameter<LockPath>("scope", "fleet, host/NAME, environment/NAME or environment/NAME/system/NAME"),
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
        if try await self.isDry("release \(path.scope)") { return [LockEntry]() }
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
    ]
  }

  private func takeLock(_ scope: LockScope, reason: String) async throws(CallFailure) -> [LockEntry] {
    let engine = try require()
    let scopes = try engine.scopes(byHand: scope)
    if try await isDry("lock \(scope)") { return [] }
    let journal = try await engine.registry().journal
    let store = LockStore(journal)
    let id = RunID.make(seed: engine.world.drawSeed(), now: engine.world.now())
    let holder = LockHolder(journal.identity)
    let grant = try await store.take(scopes, claim: "hand.\(id)", holder: holder, reason: reason)
    return try await store.list().filter { $0.claim == grant.claim }.flatMap(LockEntry.entries)
  }

  private func breakLock(_ scope: LockScope, reason: String, spokeTo: String) async throws(CallFailure) -> [LockEntry] {
    if try await isDry("break the lock on \(scope)") { return [] }
    let engine = try require()
    let journal = try await engine.registry().journal
    let holder = LockHolder(journal.identity)
    let store = LockStore(journal)
    let broken = try await store.breakLock(.path(scope), by: holder, reason: reason, spokeTo: spokeTo)
    for run in broken.compactMap(\.run) {
      let open = try await journal.unresolved(run: run)
      guard !open.isEmpty else { continue }
      let hosts = NameSet(names: open.map(\.target.host)).folded
      engine.dialogue.say("  run \(run) held it; nobody knows yet what became of its changes on \(hosts)")
    }
    return broken.flatMap(LockEntry.entries)
  }
}

extension RunbookEngine {
  /// What a lock taken by hand covers: a host is also part of its groups.
  ///
  /// Throws `call.argument` for what the site does not know.
  fileprivate func scopes(byHand scope: LockScope) throws(CallFailure) -> [LockScope] {
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

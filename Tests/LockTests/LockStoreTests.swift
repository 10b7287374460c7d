import Journal
import PrimitiveKit
import Testing

extension LockAnswer {
  var grant: LeaseGrant? { if case .granted(let grant) = self { grant } else { nil } }
  var conflicts: [LockConflict] { if case .refused(let conflicts) = self { conflicts } else { [] } }
}

struct LockStoreTests {
  private typealias Locks = TestLocks

  @Test(arguments: TestDatabase.allCases)
  func `a live lock is refused with everything about its holder`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    let first = try await locks.store.acquire(Locks.request("anna", "host/web1"))
    #expect(first.grant?.epoch == Locks.epoch())
    #expect(first.grant?.scopes.map(\.description) == ["fleet", "host/web1"])
    #expect(first.grant?.scopes.map(\.mode) == [.intentExclusive, .exclusive])
    locks.database.advance(by: .seconds(20))
    let second = try await locks.store.acquire(Locks.request("ben", "host/web1"))
    let conflict = try #require(second.conflicts.first)
    #expect(second.conflicts.count == 1)
    #expect(conflict.lease.holder == Locks.holder("anna"))
    #expect(conflict.lease.run == "run-anna")
    #expect(conflict.lease.reason == "work of anna")
    #expect(conflict.lease.isSticky == false)
    #expect(conflict.age == .seconds(20))
    #expect(conflict.remaining == .seconds(40))
    let failure = second.conflicts.failure
    #expect(failure.code == "lock.refused")
    let text = "host/web1 is locked by \(Locks.holder("anna").name) for 20s (run run-anna: work of anna), "
    #expect(failure.message == "\(text)ends in 40s unless renewed")
    #expect(locks.events == ["lock.grant", "lock.refuse"])
  }

  @Test(arguments: TestDatabase.allCases)
  func `all scopes or none`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    _ = try await locks.store.acquire(Locks.request("anna", "host/web2"))
    let refused = try await locks.store.acquire(Locks.request("ben", "host/web1", "host/web2", "host/web3"))
    #expect(refused.conflicts.map(\.wanted.description) == ["host/web2"])
    #expect(try await locks.store.list().map(\.claim) == ["claim-anna"])
    #expect(
      try await locks.store.acquire(Locks.request("carl", "host/web1", "host/web3")).grant?.epoch == Locks.epoch()
    )
  }

  @Test(arguments: TestDatabase.allCases)
  func `the same claim again is the same lease`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    let request = Locks.request("anna", "host/web1")
    #expect(try await locks.store.acquire(request).grant?.epoch == Locks.epoch())
    locks.database.advance(by: .seconds(50))
    #expect(try await locks.store.acquire(request).grant?.epoch == Locks.epoch())
    locks.database.advance(by: .seconds(50))
    #expect(try await locks.store.list().map(\.epoch) == [Locks.epoch()])
    #expect(locks.events == ["lock.grant"])
    // More than it had: a newer epoch for all of it, since others may have been there.
    let more = try await locks.store.acquire(Locks.request("anna", "host/web2"))
    #expect(more.grant?.epoch == Locks.epoch(after: 100))
    #expect(more.grant?.scopes.map(\.description) == ["fleet", "host/web1", "host/web2"])
    #expect(try await locks.store.renew("claim-anna", epoch: Locks.epoch(), for: .seconds(60)) == false)
    #expect(try await locks.store.renew("claim-anna", epoch: Locks.epoch(after: 100), for: .seconds(60)))
  }

  @Test(arguments: TestDatabase.allCases)
  func `an expired lease is taken over with a newer epoch`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    _ = try await locks.store.acquire(Locks.request("anna", "fleet"))
    locks.database.advance(by: .seconds(60))
    let grant = try await locks.store.acquire(Locks.request("ben", "host/web1")).grant
    #expect(grant?.epoch == Locks.epoch(after: 60))
    #expect(grant?.takenOver.map(\.run) == ["run-anna"])
    #expect(try await locks.store.list().map(\.claim) == ["claim-ben"])
    #expect(locks.events == ["lock.grant", "lock.expire", "lock.grant"])
  }

  @Test(arguments: TestDatabase.allCases)
  func `a late renewal or release changes nothing`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    _ = try await locks.store.acquire(Locks.request("anna", "fleet"))
    locks.database.advance(by: .seconds(60))
    // Expired, though nobody has taken it: it stays expired.
    #expect(try await locks.store.renew("claim-anna", epoch: Locks.epoch(), for: .seconds(60)) == false)
    #expect(try await locks.store.list() == [])
    let taken = try await locks.store.acquire(Locks.request("ben", "fleet")).grant
    #expect(try await locks.store.renew("claim-anna", epoch: Locks.epoch(), for: .seconds(60)) == false)
    #expect(try await locks.store.release("claim-anna") == false)
    #expect(try await locks.store.list().map(\.epoch) == [taken?.epoch])
    #expect(try await locks.store.acquire(Locks.request("anna", "fleet")).conflicts.count == 1)
    #expect(try await locks.store.release("claim-ben"))
    #expect(try await locks.store.release("claim-ben") == false)
    #expect(try await locks.store.acquire(Locks.request("anna", "fleet")).grant?.epoch == Locks.epoch(after: 61))
  }

  @Test(arguments: TestDatabase.allCases)
  func `epochs grow by scope and never start again`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    for number in 0..<6 {
      let scope = number.isMultiple(of: 2) ? "host/web1" : "environment/demo"
      let epoch = try await locks.store.acquire(Locks.request("anna", scope)).grant?.epoch
      #expect(epoch == Locks.epoch(after: number / 2), "\(number)")
      try await locks.store.release("claim-anna")
    }
    #expect(try await locks.store.list() == [])
    // A clock that is set back takes nothing away, and the whole comes behind all of its parts.
    locks.database.advance(by: .seconds(-3600))
    let fleet = try await locks.store.acquire(Locks.request("anna", "fleet")).grant
    #expect(fleet?.epoch == Locks.epoch(after: 3))
    #expect(fleet?.ahead == .seconds(3603))
    try await locks.store.release("claim-anna")
    // A part comes behind the whole, and not behind other parts.
    #expect(try await locks.store.acquire(Locks.request("anna", "host/web1")).grant?.epoch == Locks.epoch(after: 4))
    #expect(try await locks.store.acquire(Locks.request("ben", "host/web2")).grant?.epoch == Locks.epoch(after: 4))
  }

  @Test(arguments: TestDatabase.allCases)
  func `a set of scopes gets one epoch, the greatest that one of them needs`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    for _ in 1...3 {
      _ = try await locks.store.acquire(Locks.request("anna", "host/web1"))
      try await locks.store.release("claim-anna")
    }
    let both = try await locks.store.acquire(Locks.request("anna", "host/web1", "host/web2")).grant
    #expect(both?.epoch == Locks.epoch(after: 3))
    try await locks.store.release("claim-anna")
    #expect(try await locks.store.acquire(Locks.request("ben", "host/web2")).grant?.epoch == Locks.epoch(after: 4))
  }

  @Test(arguments: TestDatabase.allCases)
  func `a lock on an environment and one on its host have different epochs`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    let demo = LockScope(path: ["environment", "demo"])
    var host = Locks.request("anna", "host/web1")
    host.scopes.append(LockScope(path: demo.path, mode: .intentExclusive))
    #expect(try await locks.store.acquire(host).grant?.epoch == Locks.epoch())
    try await locks.store.release("claim-anna")
    let whole = Locks.request("ben", "environment/demo")
    #expect(try await locks.store.acquire(whole).grant?.epoch == Locks.epoch(after: 1))
    try await locks.store.release("claim-ben")
    #expect(try await locks.store.acquire(host).grant?.epoch == Locks.epoch(after: 2))
  }

  @Test(arguments: TestDatabase.allCases)
  func `a run without a lock has a lease and no epoch, and keeps nobody out`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    _ = try await locks.store.acquire(Locks.request("anna", "fleet"))
    var request = Locks.request("ben")
    request.scopes = [.run("r1")]
    let grant = try await locks.store.acquire(request).grant
    #expect(grant?.epoch == 0)
    #expect(grant?.scopes == [.run("r1")])
    let lease = try await locks.store.list().first { $0.claim == "claim-ben" }
    #expect(lease?.ownScopes == [])
    #expect(try await locks.store.renew("claim-ben", epoch: 0, for: .seconds(60)))
    locks.database.advance(by: .seconds(60))
    #expect(try await locks.store.list().map(\.claim) == [])
  }

  @Test func `what hosts obeyed before a new journal knew them is below its first epoch`() async throws {
    let locks = try await Locks(.sqlite)
    let (web1, web2) = (LockScope(path: ["host", "web1"]), LockScope(path: ["host", "web2"]))
    #expect(try await locks.store.unknown(of: [web1, web2]) == [web1, web2])
    let other = Epoch(seconds: ClockedDatabase.start + 200, tag: 99).number
    let absurd = Epoch(seconds: ClockedDatabase.start + 400_000, tag: 99).number
    let demo = LockScope(path: ["environment", "demo"])
    #expect(try await locks.store.learn([web1: other, web2: absurd], above: [demo]) == [web2])
    #expect(try await locks.store.unknown(of: [web1, web2]) == [web2])
    #expect(try await locks.store.acquire(Locks.request("anna", "host/web1")).grant?.epoch == Locks.epoch(after: 201))
    try await locks.store.release("claim-anna")
    #expect(try await locks.store.acquire(Locks.request("anna", "fleet")).grant?.epoch == Locks.epoch(after: 202))
    try await locks.store.release("claim-anna")
    let whole = try await locks.store.acquire(Locks.request("anna", "environment/demo")).grant
    #expect(whole?.epoch == Locks.epoch(after: 203))
  }

  @Test(arguments: TestDatabase.allCases)
  func `an epoch from a clock in the future is reset, and everybody begins at the clock again`(kind: TestDatabase)
    async throws
  {
    let locks = try await Locks(kind)
    let year = 31_536_000
    locks.database.advance(by: .seconds(year))
    for scope in ["fleet", "host/web1"] {
      _ = try await locks.store.acquire(Locks.request("anna", scope))
      try await locks.store.release("claim-anna")
    }
    locks.database.advance(by: .seconds(-year))
    let poisoned = try await locks.store.acquire(Locks.request("anna", "host/web1")).grant
    #expect(poisoned?.ahead == .seconds(year + 2))
    let scopes = [LockScope(path: []), LockScope(path: ["host", "web1"])]
    let anna = Locks.holder("anna")
    await #expect(throws: CallFailure.self, "a run holds it") {
      _ = try await locks.store.resetEpochs(of: scopes, claim: "reset", holder: Locks.holder("ben"), reason: "clock")
    }
    try await locks.store.release("claim-anna")
    let reset = try await locks.store.resetEpochs(of: scopes, claim: "reset", holder: anna, reason: "clock")
    #expect(reset.epoch == Locks.epoch())
    #expect(locks.last?.event == "lock.reset_epoch")
    try await locks.store.release("reset")
    #expect(try await locks.store.acquire(Locks.request("anna", "host/web1")).grant?.epoch == Locks.epoch(after: 1))
  }

  // The other host of the environment has obeyed the epoch that is ahead by some seconds; only an absurd one goes.
  @Test(arguments: TestDatabase.allCases)
  func `a reset of one host leaves what others were granted`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    func scopes(_ host: String) -> [LockScope] {
      [LockScope(path: ["environment", "demo"], mode: .intentExclusive), LockScope(path: ["host", host])]
    }
    var request = Locks.request("anna", "host/web2")
    request.scopes = scopes("web2")
    var last = 0
    for _ in 1...20 {
      last = try await locks.store.acquire(request).grant?.epoch ?? 0
      try await locks.store.release("claim-anna")
    }
    let reset = try await locks.store.resetEpochs(
      of: scopes("web1"),
      claim: "reset",
      holder: Locks.holder("anna"),
      reason: "clock"
    )
    #expect(reset.epoch < last)
    try await locks.store.release("reset")
    let whole = try await locks.store.acquire(Locks.request("ben", "environment/demo")).grant?.epoch ?? 0
    #expect(whole > last, "the second host would refuse it")
  }

  @Test(arguments: TestDatabase.allCases)
  func `a host that did not say what it obeyed is asked again, whatever was granted meanwhile`(kind: TestDatabase)
    async throws
  {
    let locks = try await Locks(kind)
    let hosts = ["web1", "web2"].map { LockScope.host($0) }
    #expect(try await locks.store.unknown(of: hosts) == hosts)
    try await locks.store.leaveUnasked([hosts[1]])
    #expect(locks.last?.event == "lock.unasked")
    _ = try await locks.store.acquire(Locks.request("anna", "host/web1", "host/web2"))
    try await locks.store.release("claim-anna")
    #expect(try await locks.store.unknown(of: hosts) == [hosts[1]])
    let ahead = Locks.epoch(after: 100)
    _ = try await locks.store.learn([hosts[1]: ahead], above: [])
    #expect(try await locks.store.unknown(of: hosts) == [])
    #expect(try await locks.store.acquire(Locks.request("anna", "host/web2")).grant?.epoch ?? 0 > ahead)
  }

  @Test func `who holds the very thing that is wanted is named once`() async throws {
    let locks = try await Locks(.sqlite)
    _ = try await locks.store.acquire(Locks.request("anna", "host/web1"))
    let same = try await locks.store.acquire(Locks.request("ben", "host/web1")).conflicts.failure.message
    #expect(same.hasPrefix("host/web1 is locked by anna@ops1"), "\(same)")
    let whole = try await locks.store.acquire(Locks.request("ben", "fleet")).conflicts.failure.message
    #expect(whole.hasPrefix("fleet cannot be locked: host/web1 is locked by anna@ops1"), "\(whole)")
  }

  @Test func `of a lock on many hosts the one that is wanted is named, and several are`() async throws {
    let locks = try await Locks(.sqlite)
    _ = try await locks.store.acquire(Locks.request("anna", "host/web1", "host/web2", "host/web3", "host/web4"))
    let last = try await locks.store.acquire(Locks.request("ben", "host/web4")).conflicts.failure.message
    #expect(last.hasPrefix("host/web4 is locked by anna@ops1"), "\(last)")
    let whole = try await locks.store.acquire(Locks.request("ben", "fleet")).conflicts.failure.message
    let names = "host/web1, host/web2, host/web3 and 1 more are locked by anna@ops1"
    #expect(whole.hasPrefix("fleet cannot be locked: \(names)"), "\(whole)")
  }

  @Test(arguments: TestDatabase.allCases)
  func `to hosts that obeyed a lost journal, a new one is newer`(kind: TestDatabase) async throws {
    let lost = try await Locks(kind)
    var last = 0
    for _ in 1...5 {
      last = try await lost.store.acquire(Locks.request("anna", "fleet")).grant?.epoch ?? 0
      try await lost.store.release("claim-anna")
    }
    let new = try await Locks(kind)
    new.database.advance(by: .seconds(60))
    #expect(try await new.store.acquire(Locks.request("ben", "fleet")).grant?.epoch ?? 0 > last)
  }

  @Test(arguments: TestDatabase.allCases)
  func `a holder whose process has ended is over at once`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    _ = try await locks.store.acquire(Locks.request("anna", "fleet"))
    locks.kill(Locks.holder("anna").pid)
    #expect(try await locks.store.list() == [])
    let grant = try await locks.store.acquire(Locks.request("ben", "fleet")).grant
    #expect(grant?.takenOver.map(\.holder.operatorName) == ["anna"])
    #expect(locks.events == ["lock.grant", "lock.expire", "lock.grant"])
  }

  @Test(arguments: [
    ("fleet", LockScope.Mode.exclusive, "host/web1", LockScope.Mode.exclusive, false),
    ("host/web1", .exclusive, "fleet", .exclusive, false),
    ("host/web1", .exclusive, "fleet", .shared, false),
    ("host/web1", .shared, "fleet", .shared, true),
    ("host/web1", .shared, "fleet", .exclusive, false),
    ("host/web1", .exclusive, "host/web2", .exclusive, true),
    ("host/web1", .exclusive, "host/web10", .exclusive, true),
    ("host/web1", .shared, "host/web1", .shared, true),
    ("host/web1", .shared, "host/web1", .exclusive, false),
    ("environment/demo", .exclusive, "environment/demo/system/rocky", .exclusive, false),
    ("environment/demo/system/rocky", .exclusive, "environment/demo/system/other", .exclusive, true),
    ("environment/demo/system/rocky", .shared, "environment/demo", .exclusive, false),
    ("environment/demo/system/rocky", .shared, "environment/demo", .shared, true),
    ("environment/demo", .exclusive, "environment/prod/system/rocky", .exclusive, true),
  ])
  func `a lock on a part and one on the whole see each other`(
    held: String,
    heldMode: LockScope.Mode,
    wanted: String,
    mode: LockScope.Mode,
    isGranted: Bool
  ) async throws {
    let locks = try await Locks(.sqlite)
    _ = try await locks.store.acquire(Locks.request("anna", held, mode: heldMode))
    let answer = try await locks.store.acquire(Locks.request("ben", wanted, mode: mode))
    #expect((answer.grant != nil) == isGranted)
  }

  @Test func `one claim may rely on the whole and change a part`() async throws {
    let locks = try await Locks(.sqlite)
    let scopes = [LockScope(path: [], mode: .shared), LockScope(path: ["host", "web1"])]
    let request = LockRequest(scopes: scopes, claim: "anna", holder: Locks.holder("anna"))
    #expect(try await locks.store.acquire(request).grant?.scopes.map(\.mode) == [.exclusive, .exclusive])
    #expect(try await locks.store.acquire(Locks.request("ben", "host/web2", mode: .shared)).grant == nil)
  }

  @Test(arguments: TestDatabase.allCases)
  func `D11: leases that have ended are not counted`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    _ = try await locks.store.acquire(Locks.request("anna", "host/web1", mode: .shared))
    locks.database.advance(by: .seconds(40))
    _ = try await locks.store.acquire(Locks.request("ben", "host/web1", mode: .shared))
    locks.database.advance(by: .seconds(30))
    // One of two is over: only the other is in the way, and is named alone.
    let refused = try await locks.store.acquire(Locks.request("carl", "host/web1"))
    #expect(refused.conflicts.map(\.lease.claim) == ["claim-ben"])
    #expect(try await locks.store.acquire(Locks.request("dora", "host/web1", mode: .shared)).grant != nil)
    locks.database.advance(by: .seconds(60))
    #expect(try await locks.store.acquire(Locks.request("carl", "host/web1")).grant != nil)
  }

  @Test(arguments: TestDatabase.allCases)
  func `many scopes are locked in one go`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    var request = Locks.request("anna")
    request.scopes = (1...534).map { LockScope(path: ["host", "web\($0)"]) }
    #expect(try await locks.store.acquire(request).grant?.scopes.count == 535)
    #expect(try await locks.store.acquire(request).grant?.epoch == Locks.epoch())
    #expect(try await locks.store.acquire(Locks.request("ben", "host/web534")).conflicts.count == 1)
    #expect(try await locks.store.release("claim-anna"))
  }

  @Test func `what cannot be read blocks`() async throws {
    let locks = try await Locks(.sqlite)
    try await locks.database.transaction { (session) async throws(CallFailure) in
      let row = "'host/web1', 'c', 'sideways', 'not json', NULL, '', 1, 1, 0, 0"
      _ = try await session.query("INSERT INTO leases VALUES (\(row))", [])
    }
    let refused = try await locks.store.acquire(Locks.request("ben", "host/web1", mode: .shared))
    #expect(refused.conflicts.first?.text.hasPrefix("host/web1 is locked by somebody@an unknown machine") == true)
  }
}

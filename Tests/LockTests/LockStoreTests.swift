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
    #expect(failure.message == "host/web1 cannot be locked: \(text)ends in 40s unless renewed")
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
      try await locks.store.acquire(Locks.request("carl", "host/web1", "host/web3")).grant?.epoch == Locks.epoch() + 1
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
  func `epochs grow over all scopes and never start again`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    for number in 0..<5 {
      let scope = number.isMultiple(of: 2) ? "host/web1" : "environment/demo"
      #expect(try await locks.store.acquire(Locks.request("anna", scope)).grant?.epoch == Locks.epoch(after: number))
      try await locks.store.release("claim-anna")
    }
    #expect(try await locks.store.list() == [])
    // A clock that is set back takes nothing away.
    locks.database.advance(by: .seconds(-3600))
    #expect(try await locks.store.acquire(Locks.request("anna", "fleet")).grant?.epoch == Locks.epoch(after: 5))
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

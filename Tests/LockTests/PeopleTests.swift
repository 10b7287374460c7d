import Journal
import PrimitiveKit
import Testing

struct PeopleTests {
  private typealias Locks = TestLocks

  private func code(_ body: () async throws(CallFailure) -> Void) async -> CallFailure? {
    do throws(CallFailure) {
      try await body()
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: TestDatabase.allCases)
  func `a lock taken by hand survives time and its process`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    let fleet = LockScope(path: [])
    let grant = try await locks.store.take(
      [fleet],
      claim: "a",
      holder: Locks.holder("anna"),
      reason: "looking at prices"
    )
    #expect(grant.epoch == Locks.epoch())
    locks.kill(Locks.holder("anna").pid)
    locks.database.advance(by: .seconds(86_400 * 30))
    let refused = try await locks.store.acquire(Locks.request("ben", "host/web1"))
    #expect(refused.conflicts.first?.remaining == nil)
    #expect(refused.conflicts.first?.text.hasSuffix("for 30d0h (looking at prices), taken by hand") == true)
    #expect(refused.conflicts.failure.hint?.contains("ask anna to release it") == true)
    #expect(try await locks.store.list().map(\.isSticky) == [true])
    #expect(locks.events == ["lock.take", "lock.refuse"])
  }

  @Test func `who took it works behind it, in the same process or terminal`() async throws {
    let locks = try await Locks(.sqlite)
    let anna = Locks.holder("anna", pid: 10, tty: "/dev/pts/1")
    _ = try await locks.store.take([LockScope(path: [])], claim: "a", holder: anna, reason: "mine")
    let others = [
      (Locks.holder("anna", pid: 10, tty: "/dev/pts/1"), true),
      (Locks.holder("anna", pid: 11, tty: "/dev/pts/1"), true),
      (Locks.holder("anna", pid: 12, tty: "/dev/pts/2"), false), (Locks.holder("anna", pid: 13), false),
      (Locks.holder("ben", pid: 14, tty: "/dev/pts/1"), false),
      (Locks.holder("anna", pid: 10, tty: "/dev/pts/1", host: "ops2"), false),
    ]
    for (holder, isAdmitted) in others {
      var request = Locks.request("run", "host/web1")
      request.holder = holder
      #expect((try await locks.store.acquire(request).grant != nil) == isAdmitted, "\(holder)")
      try await locks.store.release(request.claim)
    }
  }

  @Test func `what a run holds does not keep out who takes it by hand in that run`() async throws {
    let locks = try await Locks(.sqlite)
    let web = LockScope(path: ["host", "web1"])
    _ = try await locks.store.acquire(Locks.request("anna", "host/web1"))
    func take(_ name: String, within run: String?) async -> CallFailure? {
      await code { () async throws(CallFailure) in
        _ = try await locks.store.take([web], claim: "hand", holder: Locks.holder(name), reason: "x", within: run)
      }
    }
    #expect(await take("anna", within: nil)?.code == "lock.refused")
    #expect(await take("anna", within: "run-other")?.code == "lock.refused")
    #expect(await take("ben", within: "run-anna")?.code == "lock.refused")
    #expect(await take("anna", within: "run-anna") == nil)
    #expect(try await locks.store.list().map(\.claim).sorted() == ["claim-anna", "hand"])
    // It stays when the run is over.
    try await locks.store.release("claim-anna")
    #expect(try await locks.store.acquire(Locks.request("ben", "host/web1")).conflicts.map(\.lease.claim) == ["hand"])
  }

  @Test func `taking it again changes the reason`() async throws {
    let locks = try await Locks(.sqlite)
    let web = LockScope(path: ["host", "web1"])
    _ = try await locks.store.take([web], claim: "a", holder: Locks.holder("anna"), reason: "one")
    _ = try await locks.store.take([web], claim: "b", holder: Locks.holder("anna"), reason: "two")
    #expect(try await locks.store.list().map(\.reason) == ["two"])
    let refused = await code { () throws(CallFailure) in
      _ = try await locks.store.take([web], claim: "c", holder: Locks.holder("ben"), reason: "three")
    }
    #expect(refused?.code == "lock.refused")
  }

  @Test func `a reason is needed`() async throws {
    let locks = try await Locks(.sqlite)
    let (fleet, anna) = (LockScope(path: []), Locks.holder("anna"))
    for reason in ["", " \n"] {
      let taken = await code { () throws(CallFailure) in
        _ = try await locks.store.take([fleet], claim: "a", holder: anna, reason: reason)
      }
      let broken = await code { () throws(CallFailure) in
        _ = try await locks.store.breakLock(.path(fleet), by: anna, reason: reason)
      }
      #expect(taken?.code == "lock.reason")
      #expect(broken?.code == "lock.reason")
    }
  }

  @Test func `only its owner releases it`() async throws {
    let locks = try await Locks(.sqlite)
    let web = LockScope(path: ["host", "web1"])
    _ = try await locks.store.take([web], claim: "a", holder: Locks.holder("anna"), reason: "one")
    let refused = await code { () throws(CallFailure) in _ = try await locks.store.release(web, of: "ben") }
    #expect(refused?.code == "lock.not_held")
    #expect(refused?.message.contains("anna@ops1") == true)
    #expect(try await locks.store.release(web, of: "anna").map(\.reason) == ["one"])
    #expect(try await locks.store.list() == [])
  }

  @Test(arguments: TestDatabase.allCases)
  func `another person's lock is broken only after speaking to somebody`(kind: TestDatabase) async throws {
    let locks = try await Locks(kind)
    let web = LockScope(path: ["host", "web1"])
    _ = try await locks.store.take([web], claim: "a", holder: Locks.holder("anna"), reason: "one")
    for spokeTo in ["", "  "] {
      let refused = await code { () throws(CallFailure) in
        _ = try await locks.store.breakLock(.path(web), by: Locks.holder("ben"), reason: "urgent", spokeTo: spokeTo)
      }
      #expect(refused?.code == "lock.sticky")
      #expect(refused?.hint == "talk to anna first, then add spoke_to = \"anna\"")
    }
    #expect(try await locks.store.list().count == 1)
    let broken = try await locks.store.breakLock(.path(web), by: Locks.holder("ben"), reason: "urgent", spokeTo: "anna")
    #expect(broken.map(\.claim) == ["a"])
    #expect(locks.last?.event == "lock.break")
    #expect(locks.last?.body["why"] == .string("urgent"))
    #expect(locks.last?.body["spoke_to"] == .string("anna"))
    #expect(locks.last?.body["reason"] == .string("one"))
  }

  @Test func `a broken lease is lost to its run`() async throws {
    let locks = try await Locks(.sqlite)
    _ = try await locks.store.acquire(Locks.request("anna", "host/web1", "host/web2"))
    let nowhere = await code { () throws(CallFailure) in
      _ = try await locks.store.breakLock(.path(LockScope(path: [])), by: Locks.holder("ben"), reason: "stuck")
    }
    #expect(nowhere?.code == "lock.not_held")
    #expect(nowhere?.hint == "held locks: host/web1, host/web2")
    let target = LockTarget.path(LockScope(path: ["host", "web2"]))
    #expect(
      try await locks.store.breakLock(target, by: Locks.holder("ben"), reason: "stuck").map(\.run) == ["run-anna"]
    )
    // All of it: half a lease protects nothing.
    #expect(try await locks.store.list() == [])
    #expect(try await locks.store.renew("claim-anna", epoch: Locks.epoch(), for: .seconds(60)) == false)
    #expect(try await locks.store.acquire(Locks.request("ben", "fleet")).grant?.epoch == Locks.epoch(after: 1))
  }
}

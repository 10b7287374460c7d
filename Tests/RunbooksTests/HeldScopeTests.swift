import Journal
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Runs

/// A run changes nothing that it does not hold, whatever its header says.
struct HeldScopeTests {
  let stage = Stage()

  private func held(_ desk: Desk) async throws -> [String] {
    try await LockStore(desk.journal).list().flatMap(\.ownScopes).map(\.description).sorted()
  }

  @Test func `two runbooks without a lock do not interleave on one host`() async throws {
    let first = try await stage.desk()
    let second = try await stage.desk(.ben)
    let refusals = Mutex<[CallFailure?]>([])
    stage.fleet.onWrite { word in
      guard word.hasPrefix("a") else { return }
      let failure = try? await second.run("mark('x')").failure
      refusals.withLock { $0.append(failure) }
    }
    let body = "job:step('1', function() mark('a1') end) job:step('2', function() mark('a2') end)"
    #expect(try await first.run(body).failure == nil)
    #expect(stage.fleet.order == ["a1@web1", "a2@web1"])
    let found = refusals.withLock { $0 }
    #expect(found.map { $0?.code } == ["lock.refused", "lock.refused"])
    #expect(found.first??.message.contains("anna") == true)
    #expect(try await second.journal.runs().count == 1)
    #expect(try await second.run("mark('x')").failure == nil)
  }

  @Test func `a runbook without a lock holds what its plan names, and an epoch`() async throws {
    let desk = try await stage.desk()
    let during = Mutex<[String]>([])
    stage.fleet.onWrite { _ in
      let scopes = (try? await held(desk)) ?? []
      during.withLock { $0 = scopes }
    }
    let end = try await desk.run("mark('a') mark('b', 'web2')")
    #expect(end.failure == nil)
    #expect(during.withLock { $0 } == ["host/web1", "host/web2"])
    #expect(end.plan?.locks.sorted() == ["host/web1", "host/web2"])
    #expect(end.plan?.beyond == nil)
    let rows = try await desk.journal.operations(of: end.run)
    #expect(rows.count == 2 && rows.allSatisfy { $0.epoch != nil })
    #expect(try await held(desk) == [])
  }

  @Test func `a runbook that changes nothing is planned once and locks nothing but itself`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run("job:note('plan ' .. look('live'))")
    #expect(end.failure == nil)
    #expect(end.plan?.locks == [])
    #expect(try await desk.journal.run(end.run).claim != nil)
  }

  // Somebody changed what the plan rests on before it was locked: the plan that is shown is made under the lock.
  @Test func `the plan that is confirmed was made while its hosts were held`() async throws {
    let desk = try await stage.desk()
    let seen = Mutex<[[String]]>([])
    stage.fleet.onRead { line in
      guard line.hasPrefix("predict") else { return }
      let scopes = (try? await held(desk)) ?? []
      seen.withLock { $0.append(scopes) }
    }
    #expect(try await desk.run("mark('a')").failure == nil)
    #expect(seen.withLock { $0 } == [[], ["host/web1"]])
  }

  @Test func `a header that locks less than the plan names is said, and all of it is held`() async throws {
    let desk = try await stage.desk()
    let header = "lock = 'host/web1',"
    let body = "mark('a') mark('b', 'web2')"
    let plan = try #require(try await desk.plan(body, header).plan)
    #expect(plan.beyond == ["host/web2"])
    #expect(plan.render(columns: 100, now: 0).contains("also locked, not covered by the header's lock: host/web2"))
    let during = Mutex<[String]>([])
    stage.fleet.onWrite { _ in
      let scopes = (try? await held(desk)) ?? []
      during.withLock { $0 = scopes }
    }
    #expect(try await desk.run(body, header).failure == nil)
    #expect(during.withLock { $0 } == ["host/web1", "host/web2"])
    #expect(try await desk.plan(body, "lock = 'fleet',").plan?.beyond == nil)
  }

  // What is written makes the live run go another way than its plan.
  private let wandering = "mark('a') if look('live') == 'yes' then mark('b', 'web2') end"

  @Test func `a run that reaches a host outside its plan locks it first`() async throws {
    let desk = try await stage.desk()
    let during = Mutex<[String: [String]]>([:])
    stage.fleet.onWrite { word in
      let scopes = (try? await held(desk)) ?? []
      during.withLock { $0[word] = scopes }
    }
    let end = try await desk.run(wandering)
    #expect(end.failure == nil)
    #expect(during.withLock { $0 } == ["a@web1": ["host/web1"], "b@web2": ["host/web1", "host/web2"]])
    let epochs = try await desk.journal.operations(of: end.run).compactMap(\.epoch)
    // What was granted first keeps its epoch.
    #expect(epochs.count == 2 && epochs[0] < epochs[1])
    #expect(desk.text.contains("also locked: host/web2"))
    #expect(try await held(desk) == [])
  }

  @Test func `a host outside the plan that somebody else holds stops the run before the change`() async throws {
    let desk = try await stage.desk()
    let holder = LockHolder(ProcessIdentity.alive)
    let store = LockStore(desk.journal)
    _ = try await store.take([LockScope(path: ["host", "web2"])], claim: "hand", holder: holder, reason: "a look")
    // Caught, it stops the run all the same.
    let end = try await desk.run("mark('a') pcall(function() \(wandering.dropFirst(9)) end) mark('c')")
    #expect(end.failure?.code == "lock.outside")
    #expect(end.failure?.message.contains("host/web2") == true)
    #expect(end.failure?.message.contains("a look") == true)
    #expect(stage.fleet.written == ["a": 1])
    let header = try await desk.journal.run(end.run)
    #expect(header.state == .interrupted)
    #expect(header.exitCode == Int(ExitCode.interrupted.rawValue))
    #expect(try await desk.journal.operations(of: end.run).count == 1)
    _ = try await store.release(LockScope(path: ["host", "web2"]), of: "clara")
    #expect(await (try await stage.desk(.ben)).resume(end.run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1, "c": 1])
  }

  @Test func `with nothing begun such a run ends as refused`() async throws {
    let desk = try await stage.desk(admission: Meanwhile { [fleet = stage.fleet] in fleet.set("where", "web2") })
    stage.fleet.set("where", "web1")
    let store = LockStore(desk.journal)
    let holder = LockHolder(ProcessIdentity.alive)
    _ = try await store.take([LockScope(path: ["host", "web2"])], claim: "hand", holder: holder, reason: "a look")
    let end = try await desk.run("mark('a', look('where'))")
    #expect(end.failure?.code == "lock.outside")
    #expect(try await desk.journal.run(end.run).exitCode == Int(ExitCode.lockRefused.rawValue))
    #expect(stage.fleet.written.isEmpty)
  }

  @Test func `a resumed run without a lock holds its hosts again, with a newer epoch`() async throws {
    stage.fleet.next("b", .fail)
    let first = try await stage.desk()
    let body = "job:step('a', function() mark('a') end) job:step('b', function() mark('b', 'web2') end)"
    let run = try await first.run(body).run
    let desk = try await stage.desk(.ben)
    let during = Mutex<[String]>([])
    stage.fleet.onWrite { _ in
      let scopes = (try? await held(desk)) ?? []
      during.withLock { $0 = scopes }
    }
    #expect(await desk.resume(run).failure == nil)
    #expect(during.withLock { $0 } == ["host/web1", "host/web2"])
    let epochs = try await desk.journal.operations(of: run).compactMap(\.epoch)
    #expect(try #require(epochs.first) < #require(epochs.last))
  }

  @Test func `a rollback holds what it undoes`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('a', 'web2') end)").run
    let store = LockStore(desk.journal)
    let holder = LockHolder(ProcessIdentity.alive)
    _ = try await store.take([LockScope(path: ["host", "web2"])], claim: "hand", holder: holder, reason: "a look")
    #expect(await desk.rollback(run).failure?.code == "lock.refused")
    #expect(stage.fleet.written == ["a": 1])
  }
}

/// Admits every plan, and lets something happen meanwhile.
struct Meanwhile: PlanAdmission {
  let body: @Sendable () -> Void

  func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure) { body() }
}

import Journal
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

struct RunLockTests {
  private typealias Locks = TestLocks

  /// A lease that is kept, its clock, and what its run was told.
  private struct Kept {
    let locks: TestLocks
    let clock = ManualClock()
    let keeper: RunLock
    let lost: AsyncStream<CallFailure>
    let doubted: AsyncStream<CallFailure>

    init(_ scope: String = "fleet", run: String? = nil) async throws {
      locks = try await TestLocks(.sqlite)
      let (stream, told) = AsyncStream.makeStream(of: CallFailure.self)
      lost = stream
      let (doubts, doubt) = AsyncStream.makeStream(of: CallFailure.self)
      doubted = doubts
      var request = TestLocks.request("anna", scope)
      if let run { request.scopes = [.run(run)] }
      keeper = try await RunLock.hold(
        request,
        in: locks.store,
        clock: clock,
        onDoubt: { doubt.yield($0) },
        onLost: { told.yield($0) }
      )
      // One sleeps until the renewal, one until the end.
      await clock.sleepers(atLeast: 2)
    }

    /// Lets time pass for this process and for the database.
    func pass(_ seconds: Int) {
      locks.database.advance(by: .seconds(seconds))
      clock.advance(by: .seconds(seconds))
    }

    /// What the run is told when the lease is lost.
    func told() async -> CallFailure? {
      for await failure in lost { return failure }
      return nil
    }

    /// What it is told when nothing new may start.
    func warned() async -> CallFailure? {
      for await failure in doubted { return failure }
      return nil
    }
  }

  @Test func `a lease is renewed for as long as it is held`() async throws {
    let kept = try await Kept()
    for _ in 1...20 {
      kept.pass(15)
      await kept.clock.sleepers(atLeast: 2)
      #expect(kept.keeper.mayStart)
    }
    #expect(try await kept.locks.store.list().map(\.epoch) == [Locks.epoch()])
    try await kept.keeper.release()
    #expect(try await kept.locks.store.list() == [])
    #expect(kept.keeper.state == .released)
    #expect(kept.keeper.mayStart == false)
    #expect(kept.clock.sleeperCount == 0)
  }

  @Test func `more is locked under the same claim, and all of it is renewed`() async throws {
    let kept = try await Kept("host/web1")
    let first = kept.keeper.grant.epoch
    guard case .granted(let grant) = try await kept.keeper.extend(by: [LockScope(path: ["host", "web2"])]) else {
      Issue.record("refused")
      return
    }
    #expect(grant.epoch > first)
    for _ in 1...10 {
      kept.pass(15)
      await kept.clock.sleepers(atLeast: 2)
      #expect(kept.keeper.mayStart)
    }
    let leases = try await kept.locks.store.list()
    #expect(leases.map { $0.ownScopes.map(\.description) } == [["host/web1", "host/web2"]])
    #expect(leases.map(\.epoch) == [grant.epoch])
    try await kept.keeper.release()
    #expect(try await kept.locks.store.list() == [])
  }

  @Test func `what somebody else holds is refused at once, and what was held before stays`() async throws {
    let kept = try await Kept("host/web1")
    let other = try await kept.locks.store.acquire(TestLocks.request("ben", "host/web2"))
    guard case .granted = other, case .refused = try await kept.keeper.extend(by: [LockScope(path: ["host", "web2"])])
    else {
      Issue.record("\(other)")
      return
    }
    #expect(kept.keeper.mayStart)
    #expect(try await kept.locks.store.list().count == 2)
  }

  // A claim that has ended is not brought back by asking for more: somebody may have worked on the rest meanwhile.
  @Test func `a lease that was broken is not extended`() async throws {
    let kept = try await Kept("host/web1")
    try await kept.locks.store.release(kept.keeper.claim)
    await #expect(throws: CallFailure.self) { try await kept.keeper.extend(by: [LockScope(path: ["host", "web2"])]) }
    #expect(try await kept.locks.store.list() == [])
  }

  // What a run takes later must be watched as what it takes first.
  @Test(arguments: ["doubt", "break"])
  func `a run that locks something only later hears of its loss`(how: String) async throws {
    let kept = try await Kept(run: "r1")
    let (heard, hear) = AsyncStream.makeStream(of: CallFailure.self)
    kept.keeper.onLoss { hear.yield($0) }
    // For itself alone it stands in doubt and comes back, and nobody is told.
    kept.locks.database.fail(CallFailure(.journal, code: "journal.unavailable", message: "no"))
    for _ in 1...10 {
      kept.pass(5)
      await kept.clock.sleepers(atLeast: 2)
    }
    #expect(kept.keeper.state == .doubtful)
    kept.locks.database.fail(nil)
    kept.pass(5)
    await kept.clock.sleepers(atLeast: 2)
    guard case .granted = try await kept.keeper.extend(by: [LockScope(path: ["host", "web1"])]) else {
      Issue.record("refused")
      return
    }
    if how == "break" {
      _ = try await kept.locks.store.breakLock(.claim("claim-anna"), by: Locks.holder("ben"), reason: "stuck")
      kept.pass(15)
    } else {
      kept.locks.database.fail(CallFailure(.journal, code: "journal.unavailable", message: "no"))
      for _ in 1...9 {
        kept.pass(5)
        await kept.clock.sleepers(atLeast: 2)
      }
    }
    for await failure in heard {
      #expect(failure.code == "lock.lost")
      break
    }
    kept.locks.database.fail(nil)
    try await kept.keeper.release()
  }

  // A journal that stumbles while more is asked for takes nothing away.
  @Test(arguments: [false, true])
  func `a journal that fails is asked again for more, and nothing is lost`(isCommitted: Bool) async throws {
    let kept = try await Kept("host/web1")
    let first = kept.keeper.grant.epoch
    let down = CallFailure(.journal, code: "journal.unavailable", message: "the journal is down")
    kept.locks.database.fail(down, afterCommit: isCommitted)
    let said = Mutex<[String]>([])
    async let answer = kept.keeper.extend(by: [LockScope(path: ["host", "web2"])]) { text in
      said.withLock { $0.append(text) }
    }
    await kept.clock.sleepers(atLeast: 3)
    kept.pass(5)
    await kept.clock.sleepers(atLeast: 3)
    kept.locks.database.fail(nil)
    kept.pass(5)
    guard case .granted(let grant) = try await answer else {
      Issue.record("refused")
      return
    }
    #expect(grant.epoch > first)
    #expect(said.withLock { $0 } == ["the journal is down; retrying while the lock is valid"])
    for _ in 1...10 {
      await kept.clock.sleepers(atLeast: 2)
      kept.pass(15)
    }
    #expect(kept.keeper.mayStart)
    #expect(try await kept.locks.store.list().map(\.epoch) == [grant.epoch])
    try await kept.keeper.release()
  }

  @Test func `a journal that stays away while more is asked for costs the start, not the lease`() async throws {
    let kept = try await Kept("host/web1")
    kept.locks.database.fail(CallFailure(.journal, code: "journal.unavailable", message: "no"), afterCommit: true)
    async let answer: LockAnswer? = {
      do { return try await kept.keeper.extend(by: [LockScope(path: ["host", "web2"])]) } catch { return nil }
    }()
    for _ in 1...9 {
      await kept.clock.sleepers(atLeast: 3)
      kept.pass(5)
    }
    #expect(await answer == nil)
    // The journal granted more than is known here: the renewal takes that over.
    kept.locks.database.fail(nil)
    await kept.clock.sleepers(atLeast: 2)
    kept.pass(5)
    await kept.clock.sleepers(atLeast: 2)
    while kept.keeper.state != .held { await Task.yield() }
    #expect(kept.keeper.mayStart)
    try await kept.keeper.release()
    #expect(try await kept.locks.store.list() == [])
  }

  @Test func `D12: without renewals nothing starts after 45 s and the run is paused at 60 s`() async throws {
    let kept = try await Kept()
    let down = CallFailure(.journal, code: "journal.unavailable", message: "no")
    kept.locks.database.fail(down)
    for second in stride(from: 5, through: 40, by: 5) {
      kept.pass(5)
      await kept.clock.sleepers(atLeast: 2)
      #expect(kept.keeper.state == .held, "\(second)")
    }
    kept.pass(5)
    await kept.clock.sleepers(atLeast: 2)
    #expect(kept.keeper.state == .doubtful)
    #expect(await kept.warned()?.message == "the lock is lost: it has not been renewed for 45s")
    #expect(throws: CallFailure.self) { try kept.keeper.check() }
    kept.pass(15)
    #expect(await kept.told()?.code == "lock.lost")
    #expect(kept.keeper.mayStart == false)
    // The journal is back, and the lease is not.
    kept.locks.database.fail(nil)
    let error = #expect(throws: CallFailure.self) { try kept.keeper.check() }
    #expect(error?.code == "lock.lost")
    #expect(try await kept.locks.store.acquire(Locks.request("ben", "fleet")).grant?.epoch == Locks.epoch(after: 60))
    try await kept.keeper.release()
    #expect(try await kept.locks.store.list().map(\.claim) == ["claim-ben"])
  }

  @Test func `D12: a renewal that comes back in time makes it good again`() async throws {
    let kept = try await Kept()
    kept.locks.database.fail(CallFailure(.journal, code: "journal.unavailable", message: "no"))
    for _ in 1...10 {
      kept.pass(5)
      await kept.clock.sleepers(atLeast: 2)
    }
    #expect(kept.keeper.state == .doubtful)
    kept.locks.database.fail(nil)
    kept.pass(5)
    await kept.clock.sleepers(atLeast: 2)
    #expect(kept.keeper.state == .held)
    try await kept.keeper.release()
  }

  @Test func `a process that was stopped knows by the clock before it starts anything`() async throws {
    let kept = try await Kept()
    // Nothing of this process has run yet when the question is asked.
    kept.locks.database.hang()
    kept.pass(61)
    #expect(kept.keeper.mayStart == false)
    #expect(throws: CallFailure.self) { try kept.keeper.check() }
    kept.locks.database.resume()
    #expect(await kept.told()?.code == "lock.lost")
    try await kept.keeper.release()
  }

  @Test func `a renewal that hangs does not hide the end`() async throws {
    let kept = try await Kept()
    kept.locks.database.hang()
    kept.pass(15)
    // The renewal hangs; the watch still sleeps.
    kept.pass(44)
    #expect(kept.keeper.state == .doubtful)
    kept.pass(1)
    #expect(await kept.told()?.code == "lock.lost")
    kept.locks.database.resume()
    try await kept.keeper.release()
  }

  @Test func `a broken lease is noticed at the next renewal`() async throws {
    let kept = try await Kept()
    _ = try await kept.locks.store.breakLock(.claim("claim-anna"), by: Locks.holder("ben"), reason: "stuck")
    kept.pass(15)
    let failure = await kept.told()
    #expect(failure?.code == "lock.lost")
    #expect(failure?.message.contains("somebody broke it") == true)
    #expect(kept.keeper.mayStart == false)
    try await kept.keeper.release()
  }

  @Test func `a keeper that is let go renews no more`() async throws {
    var kept: Kept? = try await Kept()
    let clock = try #require(kept?.clock)
    await clock.sleepers(atLeast: 1)
    kept = nil
    // Cancelled sleepers leave at once; the lease then ends by itself.
    for _ in 0..<1_000_000 where clock.sleeperCount != 0 { await Task.yield() }
    #expect(clock.sleeperCount == 0)
  }
}

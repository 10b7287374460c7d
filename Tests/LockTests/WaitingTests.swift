import Journal
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

struct WaitingTests {
  private typealias Locks = TestLocks

  /// What was said to the operator.
  private final class Said: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var count: Int { all.count }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  private func wait(_ locks: TestLocks, _ patience: Duration, clock: ManualClock, said: Said) async -> Result<
    LeaseGrant, CallFailure
  > {
    do throws(CallFailure) {
      let request = Locks.request("ben", "fleet")
      return .success(try await locks.store.acquire(request, waiting: patience, clock: clock) { said.add($0) })
    } catch {
      return .failure(error)
    }
  }

  @Test func `nobody waits unless told to`() async throws {
    let locks = try await Locks(.sqlite)
    _ = try await locks.store.acquire(Locks.request("anna", "host/web1"))
    let said = Said()
    let answer = await wait(locks, .zero, clock: ManualClock(), said: said)
    #expect(throws: CallFailure.self) { try answer.get() }
    #expect(said.count == 0)
  }

  @Test func `an automatic lock is waited for, and its holder is shown once`() async throws {
    let locks = try await Locks(.sqlite)
    _ = try await locks.store.acquire(Locks.request("anna", "host/web1"))
    let (clock, said) = (ManualClock(), Said())
    let waiting = Task { await wait(locks, .seconds(30), clock: clock, said: said) }
    for _ in 1...3 {
      await clock.sleepers(atLeast: 1)
      clock.advance(by: .seconds(1))
    }
    await clock.sleepers(atLeast: 1)
    try await locks.store.release("claim-anna")
    clock.advance(by: .seconds(1))
    #expect(try await waiting.value.get().epoch == Locks.epoch(after: 1))
    #expect(said.count == 1)
    #expect(said.all.first?.hasPrefix("waiting up to 30s: host/web1 is locked by anna@ops1") == true)
    #expect(locks.events == ["lock.grant", "lock.refuse", "lock.release", "lock.grant"])
  }

  @Test func `waiting ends in time with the holder`() async throws {
    let locks = try await Locks(.sqlite)
    _ = try await locks.store.acquire(Locks.request("anna", "host/web1"))
    let (clock, said) = (ManualClock(), Said())
    let answer = await lettingTimePass(clock) { await self.wait(locks, .seconds(10), clock: clock, said: said) }
    #expect(throws: CallFailure.self) { try answer.get() }
    #expect(clock.now.offset == .seconds(10))
    #expect(locks.events == ["lock.grant", "lock.refuse", "lock.refuse"])
  }

  @Test func `a person's lock is never waited for`() async throws {
    let locks = try await Locks(.sqlite)
    let web = LockScope(path: ["host", "web1"])
    _ = try await locks.store.take([web], claim: "a", holder: Locks.holder("anna"), reason: "mine")
    let (clock, said) = (ManualClock(), Said())
    let answer = await wait(locks, .seconds(60), clock: clock, said: said)
    #expect(throws: CallFailure.self) { try answer.get() }
    #expect(clock.now.offset == .zero)
    #expect(said.count == 0)
  }

  @Test func `waiting can be cancelled`() async throws {
    let locks = try await Locks(.sqlite)
    _ = try await locks.store.acquire(Locks.request("anna", "host/web1"))
    let (clock, said) = (ManualClock(), Said())
    let waiting = Task { await wait(locks, .seconds(30), clock: clock, said: said) }
    await clock.sleepers(atLeast: 1)
    waiting.cancel()
    #expect(await waiting.value == .failure(.cancelled))
  }
}

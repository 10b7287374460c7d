import Journal
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Runbooks
@testable import Runs

/// What a run holds, while the lease behind it comes and goes.
struct LockLossTests {
  let stage = Stage()

  /// A lock of a desk's journal whose clock the test moves.
  private func hold(_ desk: Desk, _ clock: ManualClock, _ scopes: [LockScope]) async throws -> RunHold {
    let registry = try await desk.engine.runs.registry.open()
    let locks = RunLocks(
      store: LockStore(desk.journal),
      holder: LockHolder(.anna),
      clock: clock,
      timing: .standard,
      patience: .zero,
      dialogue: desk.dialogue
    )
    let lock = try await locks.acquire(scopes, run: "20261121-114502-6ca32b16", reason: "test")
    return RunHold(lock, scopes: scopes, registry: registry)
  }

  @Test func `what is held already is not used once the lease is in doubt`() async throws {
    let (desk, clock) = (try await stage.desk(), ManualClock())
    let hold = try await hold(desk, clock, [.host("web1")])
    #expect(try await hold.hold([.host("web1")], for: "mark") == hold.epoch)
    await clock.sleepers(atLeast: 2)
    desk.database.die(after: 0)
    clock.advance(by: .seconds(46))
    let failure = await #expect(throws: CallFailure.self) { try await hold.hold([.host("web1")], for: "mark") }
    #expect(failure?.message == "the lock is lost: it has not been renewed for 45s")
    await hold.release()
  }

  @Test func `each change goes out under the epoch of its own scopes, and a stop under that of the run`() async throws {
    let desk = try await stage.desk()
    let hold = try await hold(desk, ManualClock(), [.host("web1")])
    let first = try #require(hold.epoch)
    let second = try #require(try await hold.hold([.host("web2")], for: "mark"))
    #expect(second > first && hold.epoch == second)
    #expect(hold.epoch(for: [.host("web1")]) == first)
    #expect(hold.epoch(for: [.host("web2")]) == second)
    #expect(hold.epoch(for: []) == first)
    #expect(hold.epoch(for: [.host("web3")]) == first, "what is not held counts as the run's first")
    #expect(hold.age != nil)
    await hold.release()
  }

  /// Hosts of which some do not say what they obeyed.
  private final class Shy: EpochFence {
    let kinds: Set<String> = ["host"]
    let isSilent = Mutex(true)
    let asked = Mutex(0)

    func fence(_ scopes: [LockScope], epoch: Int, journal: String, in surroundings: Surroundings) async -> [LockScope] {
      []
    }

    func epochs(of scopes: [LockScope], in surroundings: Surroundings) async -> SeenEpochs {
      asked.withLock { $0 += 1 }
      if isSilent.withLock({ $0 }) { return SeenEpochs(silent: Set(scopes)) }
      return SeenEpochs(seen: Dictionary(uniqueKeysWithValues: scopes.map { ($0, 1_700_000_100 * 65_536) }))
    }

    func reset(
      _ scopes: [LockScope],
      to epoch: Int,
      journal: String,
      in surroundings: Surroundings
    ) async -> [LockScope: CallFailure] { [:] }
  }

  @Test func `a silent host is named, and asked again before the next grant`() async throws {
    let shy = Shy()
    let dialogue = RecordingDialogue()
    let fences = EpochFences(
      [shy],
      in: Surroundings(world: stage.world, dialogue: dialogue, options: SessionOptions())
    )
    let desk = try await stage.desk(dialogue: dialogue, fences: fences)
    #expect(try await desk.run("mark('a')").failure == nil)
    #expect(dialogue.text.contains("web1 did not report the epoch obeyed there"), "\(dialogue.text)")
    #expect(shy.asked.withLock { $0 } == 1)
    // Another process, and the host answers now: the next grant is above what it obeyed.
    shy.isSilent.withLock { $0 = false }
    let next = try await stage.desk(.ben, fences: fences)
    let end = try await next.run("mark('b')")
    #expect(shy.asked.withLock { $0 } == 2)
    #expect(try await next.journal.operations(of: end.run).allSatisfy { $0.epoch ?? 0 > 1_700_000_100 * 65_536 })
    #expect(try await next.run("mark('c')").failure == nil)
    #expect(shy.asked.withLock { $0 } == 2)
  }
}

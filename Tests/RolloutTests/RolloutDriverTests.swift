import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Rollout

/// Works on hosts for a virtual second each and keeps count.
private final class CountingWorker: RolloutWorker {
  private struct Count {
    var inFlight = 0
    var peak = 0
    var begun: [String: Duration] = [:]
    var gates: [Int] = []
  }

  private let clock: ManualClock
  private let takes: Duration
  private let outcome: @Sendable (String) -> ItemOutcome
  private let verdict: GateVerdict
  private let count = Mutex(Count())

  init(
    _ clock: ManualClock,
    takes: Duration = .seconds(1),
    verdict: GateVerdict = .pass,
    outcome: @escaping @Sendable (String) -> ItemOutcome = { _ in .ok }
  ) {
    self.clock = clock
    self.takes = takes
    self.verdict = verdict
    self.outcome = outcome
  }

  func perform(_ host: String) async -> ItemOutcome {
    count.withLock {
      $0.inFlight += 1
      $0.peak = max($0.peak, $0.inFlight)
      $0.begun[host] = clock.now.offset
    }
    try? await clock.sleep(for: takes)
    count.withLock { $0.inFlight -= 1 }
    return outcome(host)
  }

  func gate(_ completed: [String]) async -> GateVerdict {
    count.withLock { $0.gates.append(completed.count) }
    return verdict
  }

  var peak: Int { count.withLock { $0.peak } }
  var inFlight: Int { count.withLock { $0.inFlight } }
  var begun: [String: Duration] { count.withLock { $0.begun } }
  var gates: [Int] { count.withLock { $0.gates } }
}

/// Keeps what a rollout told.
private final class Notebook: Sendable {
  private let notes = Mutex<[RolloutProgress]>([])
  func add(_ progress: RolloutProgress) { notes.withLock { $0.append(progress) } }
  var all: [RolloutProgress] { notes.withLock { $0 } }
}

/// Lets virtual time pass whenever somebody sleeps, until the work is done.
private func letTimePass<Result: Sendable>(_ clock: ManualClock, while work: @escaping @Sendable () async -> Result)
  async -> Result
{
  let ticking = Task {
    while !Task.isCancelled {
      clock.advanceToNextDeadline()
      await Task.yield()
    }
  }
  let result = await work()
  ticking.cancel()
  return result
}

@Test(.timeLimit(.minutes(1)))
func `a driven rollout changes every host within the window`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock)
  let notebook = Notebook()
  let plan = try plan(60, "fast")
  let report = await letTimePass(clock) {
    await RolloutDriver().run(plan: plan, worker: worker, clock: clock) { notebook.add($0) }
  }
  #expect(report.tally.ok == 60)
  #expect(report.halt == nil)
  #expect(worker.begun.keys.sorted() == names(60))
  #expect(worker.peak <= 10)
  #expect(worker.gates.first == 1)
  #expect(notebook.all.last?.change == .ended)
  #expect(notebook.all.last?.tally.finished == 60)
  #expect(notebook.all.allSatisfy { $0.inFlight.count <= 10 })
}

@Test(.timeLimit(.minutes(1)))
func `immediate begins every host within a minute, at its drawn delay`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock, takes: .seconds(300))
  let plan = try plan(40, "immediate")
  let running = Task { await RolloutDriver().run(plan: plan, worker: worker, clock: clock) }
  // One sleeper is the driver's timer; each host that has begun is one more.
  for begun in 0..<40 {
    await clock.sleepers(atLeast: begun + 1)
    clock.advanceToNextDeadline()
  }
  await clock.sleepers(atLeast: 40)
  #expect(clock.now.offset <= .seconds(60))
  for (position, host) in plan.order.enumerated() {
    #expect(worker.begun[host] == .milliseconds(plan.delays[position]))
  }
  clock.advance(by: .seconds(300))
  #expect(await running.value.tally.ok == 40)
}

@Test(.timeLimit(.minutes(1)))
func `routine begins its first host without a delay`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock)
  let plan = try plan(3)
  let report = await letTimePass(clock) { await RolloutDriver().run(plan: plan, worker: worker, clock: clock) }
  #expect(worker.begun[plan.order[0]] == .zero)
  #expect(report.tally.ok == 3)
}

@Test(.timeLimit(.minutes(1)))
func `cancel starts no more hosts and waits for those in flight`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock)
  let driver = RolloutDriver()
  let notebook = Notebook()
  let plan = try plan(30)
  let running = Task {
    await driver.run(plan: plan, worker: worker, clock: clock) { progress in
      notebook.add(progress)
      // The host finishes only after the rollout has heard of the cancel.
      if progress.change == .halted(.cancelled) { clock.advance(by: .seconds(1)) }
    }
  }
  await clock.sleepers(atLeast: 1)
  driver.cancel()
  let report = await running.value
  #expect(report.halt == .cancelled)
  #expect(report.tally.ok == 1)
  #expect(report.tally.skipped == 29)
  #expect(report.exitCode == .interrupted)
  #expect(notebook.all.last { $0.change == .halted(.cancelled) }?.inFlight == [plan.order[0]])
}

@Test(.timeLimit(.minutes(1)))
func `a rollout cancelled before it runs starts nothing`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock)
  let driver = RolloutDriver()
  driver.cancel()
  let report = await driver.run(plan: try plan(30), worker: worker, clock: clock)
  #expect(report.tally.skipped == 30)
  #expect(report.halt == .cancelled)
  #expect(worker.begun.isEmpty)
}

@Test(.timeLimit(.minutes(1)))
func `a host that proves well while others run is counted where it belongs`() async throws {
  let clock = ManualClock()
  var policy = try speed("routine")
  policy.unknownBudget = 1
  let plan = try RolloutPlan(policy: policy, items: names(12), seed: 4)
  let first = plan.order[0]
  let worker = CountingWorker(clock, outcome: { $0 == first ? .unknown("lost") : .ok })
  let driver = RolloutDriver()
  let report = await letTimePass(clock) {
    await driver.run(plan: plan, worker: worker, clock: clock) { progress in
      if progress.change == .finished(item: first, outcome: .unknown("lost")) { driver.prove(first, .ok) }
    }
  }
  #expect(report.tally.ok == 12)
  #expect(report.results[0].late)
}

@Test(.timeLimit(.minutes(1)))
func `cancel takes back hosts that are still in their delay`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock)
  let driver = RolloutDriver()
  let plan = try plan(20, "immediate")
  let running = Task { await driver.run(plan: plan, worker: worker, clock: clock) }
  await clock.sleepers(atLeast: 1)
  driver.cancel()
  let report = await running.value
  #expect(report.tally.skipped == 20)
  #expect(worker.begun.isEmpty)
}

@Test(.timeLimit(.minutes(1)))
func `a second cancel returns at once and calls hosts in flight unknown`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock, takes: .seconds(1_000_000))
  let driver = RolloutDriver()
  let plan = try plan(30)
  let running = Task { await driver.run(plan: plan, worker: worker, clock: clock) }
  await clock.sleepers(atLeast: 1)
  driver.cancel()
  driver.cancel()
  let report = await running.value
  #expect(report.halt == .detached)
  #expect(report.items(.unknown) == [plan.order[0]])
  #expect(report.tally.total == 30)
}

@Test(.timeLimit(.minutes(1)))
func `cancelling the surrounding task stops watching`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock, takes: .seconds(1_000_000), outcome: { _ in .unknown("cut off") })
  let plan = try plan(30)
  let running = Task { await RolloutDriver().run(plan: plan, worker: worker, clock: clock) }
  await clock.sleepers(atLeast: 1)
  running.cancel()
  let report = await running.value
  #expect(report.tally.unknown == 1)
  #expect(report.tally.total == 30)
  #expect(report.halt != nil)
}

@Test(.timeLimit(.minutes(1)))
func `a paused rollout goes on when an operator resumes it`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock, verdict: .inconclusive("no data"))
  let driver = RolloutDriver()
  let plan = try plan(2)
  let report = await letTimePass(clock) {
    await driver.run(plan: plan, worker: worker, clock: clock) { progress in
      if case .paused = progress.change { driver.resume() }
    }
  }
  #expect(report.tally.ok == 2)
}

@Test(.timeLimit(.minutes(1)))
func `a failed gate ends the rollout after one host`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock, verdict: .fail("orders rejected"))
  let plan = try plan(30)
  let report = await letTimePass(clock) { await RolloutDriver().run(plan: plan, worker: worker, clock: clock) }
  #expect(report.halt == .gate("orders rejected"))
  #expect(worker.begun.count == 1)
}

@Test(.timeLimit(.minutes(1)))
func `progress tells the numbers of the moment and the time left`() async throws {
  let clock = ManualClock()
  let worker = CountingWorker(clock, takes: .seconds(10))
  let notebook = Notebook()
  let plan = try plan(3)
  _ = await letTimePass(clock) {
    await RolloutDriver().run(plan: plan, worker: worker, clock: clock, itemSeconds: [10]) { notebook.add($0) }
  }
  let first = notebook.all.first { if case .finished = $0.change { true } else { false } }
  #expect(first?.line.text(width: 80) == "[#######.............] 1/3 hosts · 0 errors · 10s · ~10s left")
}

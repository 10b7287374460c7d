import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Rollout

/// Hosts that outlive the processes which change them: what was begun goes on, and is found again.
private final class LastingWorker: RolloutWorker {
  private struct State {
    var ended: [String: ItemOutcome] = [:]
    var begins: [String] = []
    var recalled: [String] = []
  }

  private let state = Mutex(State())
  private let outcome: @Sendable (String) -> ItemOutcome

  init(outcome: @escaping @Sendable (String) -> ItemOutcome = { _ in .ok }) { self.outcome = outcome }

  var ended: [String: ItemOutcome] { state.withLock { $0.ended } }
  /// Every host that was begun, in order.
  var begins: [String] { state.withLock { $0.begins } }
  var recalled: [String] { state.withLock { $0.recalled } }

  func set(_ host: String, _ outcome: ItemOutcome) { state.withLock { $0.ended[host] = outcome } }

  func perform(_ host: String) async -> ItemOutcome {
    let result = state.withLock { state in
      if let known = state.ended[host] { return known }
      state.begins.append(host)
      let result = outcome(host)
      state.ended[host] = result
      return result
    }
    await Task.yield()
    return result
  }

  func takeUp(_ host: String) async throws(NotBegun) -> ItemOutcome {
    guard ended[host] != nil else { throw NotBegun("stopped") }
    return await perform(host)
  }

  func recall(_ host: String) async { state.withLock { $0.recalled.append(host) } }
  func gate(_ completed: [String]) async -> GateVerdict { .pass }
}

/// A log that outlives processes and can fail.
private final class LastingLog: Sendable {
  private let events = Mutex<[RolloutEvent]>([])
  var past: [RolloutEvent] { events.withLock { $0 } }

  func log(failingAfter limit: Int = .max) -> RolloutLog {
    let left = Mutex(limit)
    return RolloutLog(past: past) { event throws(CallFailure) in
      let isFull = left.withLock { left in
        left -= 1
        return left < 0
      }
      if isFull { throw CallFailure(.journal, code: "journal.full", message: "the disk is full") }
      self.events.withLock { $0.append(event) }
    }
  }
}

private func run(_ plan: RolloutPlan, _ worker: LastingWorker, _ log: RolloutLog) async -> RolloutReport {
  let clock = ManualClock()
  return await lettingTimePass(clock) { await RolloutDriver().run(plan: plan, worker: worker, clock: clock, log: log) }
}

struct RolloutLogTests {
  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func `a rollout that dies again and again does every host once`(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let plan = try plan(20 + random.next(through: 30), seed % 2 == 0 ? "fast" : "routine", seed: seed)
    let worker = LastingWorker()
    let log = LastingLog()
    var report = await run(plan, worker, log.log(failingAfter: random.next(through: 5)))
    while report.halt != nil {
      guard case .stopped = report.halt else { throw Stopped() }
      report = await run(plan, worker, log.log(failingAfter: 1 + random.next(through: 8)))
    }
    #expect(report.tally.ok == plan.total)
    #expect(worker.begins.sorted() == plan.order.sorted())
  }

  private struct Stopped: Error {}

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func `a rollout that was halted begins nothing more, whoever takes it up`(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let plan = try plan(40, "fast", seed: seed)
    let bad = Set(plan.order.filter { _ in random.next(through: 3) == 0 })
    let worker = LastingWorker { bad.contains($0) ? .failed("no") : .ok }
    let log = LastingLog()
    var report = await run(plan, worker, log.log(failingAfter: random.next(through: 30)))
    while case .stopped = report.halt {
      report = await run(plan, worker, log.log(failingAfter: 1 + random.next(through: 10)))
    }
    let begun = worker.begins
    #expect(begun.count == Set(begun).count)
    for _ in 0..<2 {
      let again = await run(plan, worker, log.log())
      #expect(again.halt == report.halt)
      #expect(again.results == report.results)
    }
    #expect(worker.begins == begun)
    for result in report.results {
      #expect(result.outcomeClass == worker.ended[result.item]?.outcomeClass ?? .skipped, "\(result.item)")
    }
  }

  @Test func `a host that was begun before the halt is finished, one that was not is skipped`() async throws {
    let plan = try plan(6)
    let worker = LastingWorker()
    // Two fly when the second fails: one had reached its host, the other had not.
    let log = RolloutLog(past: [.finished(0, .ok), .gate(.pass), .finished(1, .failed("no"))])
    worker.set(plan.order[2], .ok)
    let report = await run(plan, worker, log)
    guard case .budget(.errors, _, _, _) = report.halt else { throw Stopped() }
    #expect(report.items(.ok) == [plan.order[0], plan.order[2]])
    #expect(report.items(.skipped) == Array(plan.order[3...]))
    #expect(worker.begins == [])
    #expect(worker.recalled.sorted() == plan.order.prefix(2).sorted())
  }

  @Test func `an unknown host that the budget bore is looked for again`() async throws {
    var policy = try speed("fast")
    policy.unknownBudget = 2
    let plan = try RolloutPlan(policy: policy, items: names(8), seed: 3)
    let worker = LastingWorker()
    let log = RolloutLog(past: [.finished(0, .ok), .gate(.pass), .finished(1, .unknown("cut off"))])
    worker.set(plan.order[1], .ok)
    let report = await run(plan, worker, log)
    #expect(report.halt == nil && report.tally.ok == 8)
    #expect(report.results.filter(\.late).map(\.item) == [plan.order[1]])
  }

  @Test func `an unknown host that stops a rollout is still in flight for the next`() async throws {
    let plan = try plan(8)
    let worker = LastingWorker { _ in .unknown("cut off") }
    let log = LastingLog()
    let first = await run(plan, worker, log.log())
    #expect(first.halt == .budget(.unknown, spent: 1, allowed: 0, full: 0))
    worker.set(plan.order[0], .ok)
    for host in plan.order.dropFirst() { worker.set(host, .ok) }
    let second = await run(plan, worker, log.log())
    #expect(second.halt == nil && second.tally.ok == 8)
    #expect(worker.begins == [plan.order[0]])
  }
}

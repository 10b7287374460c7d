import PrimitiveKit
import Testing

@testable import Rollout

/// Defects of other deployment tools that a rollout here must not have; the numbers are those of the reference.
struct KnownDefectTests {
  private func policy(_ change: (inout RolloutPolicy) -> Void) throws -> RolloutPolicy {
    var policy = try speed("routine")
    change(&policy)
    return policy
  }

  private func rollout(_ count: Int, _ change: (inout RolloutPolicy) -> Void) throws -> HandRollout {
    HandRollout(try RolloutPlan(policy: try policy(change), items: names(count), seed: 1))
  }

  @Test(arguments: [1, 4, 12])
  func `D1: an unreachable host beyond its budget stops the later waves as well`(window: Int) throws {
    var rollout = try rollout(12) {
      $0.itemsAtOnce = window
      $0.ramp = false
      $0.gateEvery = nil
      $0.unreachableLeast = 0
      $0.unreachableRatio = Ratio(0)
    }
    #expect(rollout.started.count == window)
    rollout.end(.unreachable("no route"))
    while !rollout.flying.isEmpty { rollout.end() }
    #expect(rollout.decider.halt == .budget(.unreachable, spent: 1, allowed: 0, full: 0))
    #expect(rollout.started.count == window)
    #expect(rollout.decider.report.tally.skipped == 12 - window)
    #expect(rollout.decider.report.exitCode == .unreachableBudget)
  }

  @Test func `D2: no unreachable host lets a budget of zero errors be overrun`() throws {
    for first in [ItemOutcome.unreachable("no route"), .ok] {
      var rollout = try rollout(12) {
        $0.ramp = false
        $0.gateEvery = nil
        $0.haltRatio = Ratio(0)
        $0.itemsAtOnce = 1
      }
      rollout.end(first)
      rollout.end(.failed("x"))
      #expect(rollout.decider.isFinished)
      #expect(rollout.started.count == 2)
      #expect(rollout.decider.report.exitCode != .ok)
    }
  }

  @Test(arguments: [2, 3, 4, 10]) func `D3: the error budget is of the whole rollout, not of each wave`(every: Int)
    throws
  {
    var rollout = try rollout(178) {
      $0.itemsAtOnce = 10
      $0.haltRatio = Ratio(0.30)
      $0.gateEvery = nil
    }
    rollout.succeed(20)
    var ended = 0
    while !rollout.flying.isEmpty {
      ended += 1
      rollout.end(ended.isMultiple(of: every) ? .failed("x") : .ok)
    }
    let tally = rollout.decider.report.tally
    if every == 2 {
      // 30 % of 178 is 53; the one after it stops, and nine more were in flight then, five of which fail.
      #expect(rollout.decider.halt == .budget(.errors, spent: 54, allowed: 53, full: 53))
      #expect((54...54 + 5).contains(tally.failed))
      #expect(tally.skipped > 0)
    } else {
      // Every wave of ten has at least one failure, and a third of some; the whole stays below 53.
      #expect(rollout.decider.halt == nil)
      #expect(tally.failed == 158 / every)
      #expect(tally.skipped == 0)
    }
  }

  @Test func `D3: three failures in every wave of ten do not go on for ever`() throws {
    var rollout = try rollout(178) {
      $0.itemsAtOnce = 10
      $0.gateEvery = nil
    }
    rollout.succeed(20)
    var ended = 0
    while !rollout.flying.isEmpty {
      ended += 1
      rollout.end(ended % 10 < 3 ? .failed("x") : .ok)
    }
    #expect(rollout.decider.halt == .budget(.errors, spent: 18, allowed: 17, full: 17))
    #expect(rollout.decider.report.tally.failed <= 18 + 9)
    #expect(rollout.decider.report.tally.skipped > 0)
  }

  @Test func `D4: a speed that never halts goes on when a whole wave fails`() throws {
    var rollout = try rollout(40) {
      $0.itemsAtOnce = 10
      $0.ramp = false
      $0.gateEvery = nil
      $0.haltRatio = nil
    }
    for _ in 0..<10 { rollout.end(.failed("x")) }
    while !rollout.flying.isEmpty { rollout.end() }
    #expect(rollout.decider.halt == nil)
    #expect(rollout.started.count == 40)
  }

  @Test func `D6: a window as large as the fleet does not switch the budgets off`() throws {
    var rollout = try rollout(100) {
      $0.itemsAtOnce = nil
      $0.ramp = false
      $0.gateEvery = nil
    }
    for _ in 0..<11 { rollout.end(.failed("x")) }
    while !rollout.flying.isEmpty { rollout.end() }
    #expect(rollout.decider.halt == .budget(.errors, spent: 11, allowed: 10, full: 10))
    #expect(rollout.decider.report.exitCode == .budgetBreached)
  }

  @Test func `D6: only the speed for emergencies goes without a budget`() throws {
    for policy in try SpeedTable.builtIn().speeds {
      let isBounded = policy.haltRatio != nil && policy.unknownBudget != nil && policy.unreachableLeast != nil
      #expect(isBounded == (policy.name != "immediate"), "\(policy.name)")
    }
  }

  @Test func `D7: the budget is looked at before each start and not after the last`() throws {
    var rollout = try rollout(4) {
      $0.itemsAtOnce = 1
      $0.ramp = false
      $0.gateEvery = nil
      $0.haltRatio = Ratio(0)
    }
    rollout.end(.failed("x"))
    #expect(rollout.started.count == 1)
    #expect(rollout.decider.report.tally.skipped == 3)
  }

  @Test(arguments: [3, 20, 178], ["routine", "fast"])
  func `D14: the hosts a plan says may fail are those that may fail`(count: Int, name: String) throws {
    let plan = try plan(count, name)
    let worst = plan.policy.worstCase(items: count, botsPerHost: 3)
    var rollout = HandRollout(plan)
    while !rollout.flying.isEmpty, rollout.decider.successes < 20 { rollout.end() }
    var failed = 0
    while rollout.decider.halt == nil, !rollout.flying.isEmpty {
      rollout.end(.failed("x"))
      failed += 1
    }
    if count == 178 { #expect(failed == worst.stopsAt) }
    #expect(failed <= worst.hosts)
  }
}

import Foundation
import PrimitiveKit
import Testing

@testable import Rollout

@Test func `the first host goes alone and a gate follows it`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.gatesPass = false
  #expect(rollout.started.count == 1)
  rollout.end()
  #expect(rollout.gates == [1])
  #expect(rollout.started.count == 1)
  rollout.send(.gate(.pass))
  #expect(rollout.started.count == 3)
}

@Test func `the window opens with successes`() throws {
  var rollout = HandRollout(try plan(178))
  var sizes = [rollout.flying.count]
  for _ in 0..<8 {
    rollout.end()
    sizes.append(rollout.flying.count)
  }
  #expect(sizes == [1, 2, 2, 4, 4, 4, 4, 5, 5])
}

@Test func `a host that already was at the target does not open the window`() throws {
  var rollout = HandRollout(try plan(178))
  for _ in 0..<10 { rollout.end(.unchanged) }
  #expect(rollout.flying.count == 1)
  #expect(rollout.decider.tally.ok == 10)
  #expect(rollout.gates.isEmpty)
}

@Test(arguments: ["routine", "fast"])
func `a release that is bad everywhere touches one host`(name: String) throws {
  for bad in [ItemOutcome.failed("no start"), .unhealthy("flaps"), .unknown("lost")] {
    var rollout = HandRollout(try plan(178, name))
    rollout.end(bad)
    #expect(rollout.decider.isFinished)
    #expect(rollout.started.count == 1)
    #expect(rollout.decider.report.tally.skipped == 177)
  }
}

@Test(arguments: [(178, 17), (178, 18), (178, 22), (100, 10), (100, 11), (50, 5), (20, 3)])
func `after the ramp the error past the floor of the budget stops starts`(hosts: Int, failures: Int) throws {
  var rollout = HandRollout(try plan(hosts))
  rollout.succeed(7)
  for _ in 0..<failures { rollout.end(.failed("x")) }
  let budget = hosts / 10
  if failures > budget {
    #expect(
      rollout.decider.halt == .budget(.errors, spent: budget + 1, allowed: budget, full: budget)
    )
  } else {
    #expect(rollout.decider.halt == nil)
  }
  while !rollout.flying.isEmpty { rollout.end() }
  #expect(rollout.decider.isFinished)
  #expect(rollout.decider.report.tally.failed == failures)
}

@Test func `in a fleet of three the first error stops`() throws {
  var rollout = HandRollout(try plan(3))
  rollout.end(.failed("x"))
  #expect(rollout.decider.halt == .budget(.errors, spent: 1, allowed: 0, full: 0))
  #expect(rollout.decider.report.tally.skipped == 2)
}

@Test func `immediate starts everything at once and never halts`() throws {
  var rollout = HandRollout(try plan(178, "immediate"))
  #expect(rollout.started.count == 178)
  for _ in 0..<178 { rollout.end(.failed("x")) }
  #expect(rollout.decider.halt == nil)
  #expect(rollout.decider.isFinished)
  #expect(rollout.gates.isEmpty)
  #expect(rollout.decider.report.tally.failed == 178)
}

@Test func `hosts in flight finish after a breach and nothing more starts`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.succeed(7)
  let flying = rollout.flying.count
  rollout.end(.unknown("lost"))
  #expect(rollout.decider.halt == .budget(.unknown, spent: 1, allowed: 0, full: 0))
  #expect(!rollout.decider.isFinished)
  let started = rollout.started.count
  for _ in 1..<flying { rollout.end() }
  #expect(rollout.started.count == started)
  #expect(rollout.decider.isFinished)
}

@Test func `unreachable hosts spend a budget of their own`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.end(.unreachable("no route"))
  rollout.end(.unreachable("no route"))
  #expect(rollout.decider.halt == nil)
  #expect(rollout.decider.tally.errors == 0)
  rollout.end(.unreachable("no route"))
  #expect(rollout.decider.halt == .budget(.unreachable, spent: 3, allowed: 2, full: 2))
}

@Test func `gates fall due at every tenth and wait for the hosts in flight`() throws {
  var rollout = HandRollout(try plan(178))
  while !rollout.flying.isEmpty { rollout.end() }
  #expect(rollout.decider.report.tally.ok == 178)
  #expect(rollout.gates.first == 1)
  #expect(rollout.gates == [1, 22, 40, 58, 76, 93, 111, 129, 147, 165])
}

@Test func `no host starts while a gate waits for those in flight`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.succeed(17)
  let started = rollout.started.count
  rollout.end()
  rollout.end()
  #expect(rollout.started.count == started)
  #expect(rollout.gates == [1])
}

@Test func `a failed gate stops the rollout and says why`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.gatesPass = false
  rollout.end()
  rollout.send(.gate(.fail("orders rejected")))
  #expect(rollout.decider.halt == .gate("orders rejected"))
  #expect(rollout.decider.isFinished)
  #expect(rollout.started.count == 1)
}

@Test func `an inconclusive gate pauses until an operator resumes`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.gatesPass = false
  rollout.end()
  rollout.send(.gate(.inconclusive("no data")))
  #expect(rollout.other == [.paused("no data")])
  #expect(rollout.decider.isPaused)
  #expect(rollout.started.count == 1)
  rollout.send(.resume)
  #expect(rollout.started.count == 3)
}

@Test func `an inconclusive gate can be ended by an operator`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.gatesPass = false
  rollout.end()
  rollout.send(.gate(.inconclusive("no data")))
  rollout.send(.abort("not today"))
  #expect(rollout.decider.halt == .aborted("not today"))
  #expect(rollout.decider.isFinished)
}

@Test func `an inconclusive gate fails a rollout that nobody watches`() throws {
  var policy = try speed("routine")
  policy.inconclusiveGate = .fail
  var rollout = HandRollout(try RolloutPlan(policy: policy, items: names(20), seed: 1))
  rollout.gatesPass = false
  rollout.end()
  rollout.send(.gate(.inconclusive("no data")))
  #expect(rollout.decider.halt == .inconclusive("no data"))
}

@Test func `cancel lets hosts in flight finish and skips the rest`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.succeed(7)
  rollout.send(.cancel)
  #expect(rollout.decider.halt == .cancelled)
  #expect(!rollout.decider.isFinished)
  while !rollout.flying.isEmpty { rollout.end() }
  let tally = rollout.decider.report.tally
  #expect(tally.ok == 12)
  #expect(tally.skipped == 166)
  #expect(tally.total == 178)
}

@Test func `cancel at a gate ends at once`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.gatesPass = false
  rollout.end()
  rollout.send(.cancel)
  #expect(rollout.decider.isFinished)
  rollout.send(.gate(.pass))
  #expect(rollout.started.count == 1)
}

@Test func `detach reports hosts in flight as unknown and still going`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.succeed(7)
  rollout.send(.cancel)
  rollout.send(.detach)
  let report = rollout.decider.report
  #expect(rollout.decider.isFinished)
  #expect(report.halt == .detached)
  #expect(report.tally.unknown == 5)
  #expect(report.results.first { $0.outcomeClass == .unknown }?.detail == "still in progress")
  #expect(report.exitCode == .interrupted)
}

@Test func `a delayed host that never began is skipped`() throws {
  var rollout = HandRollout(try plan(5, "immediate"))
  rollout.send(.cancel)
  for host in 0..<5 { rollout.send(.withdrawn(host)) }
  #expect(rollout.decider.isFinished)
  #expect(rollout.decider.report.tally.skipped == 5)
}

@Test func `an unknown host that proves well changes class and is counted once`() throws {
  var policy = try speed("routine")
  policy.unknownBudget = 2
  var rollout = HandRollout(try RolloutPlan(policy: policy, items: names(30), seed: 1))
  let host = rollout.flying[0]
  rollout.end(.unknown("lost"))
  #expect(rollout.decider.successes == 0)
  rollout.send(.proved(host, .ok))
  rollout.send(.proved(host, .ok))
  rollout.send(.proved(host, .failed("x")))
  #expect(rollout.decider.successes == 1)
  #expect(rollout.decider.tally.ok == 1)
  #expect(rollout.decider.tally.unknown == 0)
  while !rollout.flying.isEmpty { rollout.end() }
  let report = rollout.decider.report
  #expect(report.tally.total == 30)
  #expect(report.results[host].late)
}

@Test func `a late proof does not undo a halt`() throws {
  var rollout = HandRollout(try plan(30))
  let host = rollout.flying[0]
  rollout.end(.unknown("lost"))
  rollout.send(.proved(host, .ok))
  #expect(rollout.started.count == 1)
  #expect(rollout.decider.report.tally.ok == 1)
  #expect(rollout.decider.report.halt != nil)
}

@Test func `a late failure spends the error budget`() throws {
  var policy = try speed("routine")
  policy.unknownBudget = 2
  var rollout = HandRollout(try RolloutPlan(policy: policy, items: names(30), seed: 1))
  let host = rollout.flying[0]
  rollout.end(.unknown("lost"))
  rollout.send(.proved(host, .unhealthy("flaps")))
  #expect(rollout.decider.halt == .budget(.errors, spent: 1, allowed: 0, full: 3))
}

@Test func `events that fit no state change nothing`() throws {
  var decider = RolloutDecider(plan: try plan(10))
  let fresh = decider
  for event in [
    RolloutEvent.gate(.pass), .resume, .finished(0, .ok), .finished(99, .ok), .finished(-1, .ok), .proved(0, .ok),
    .withdrawn(3),
  ] {
    #expect(decider.step(event).isEmpty)
  }
  #expect(decider == fresh)
  _ = decider.step(.begin)
  _ = decider.step(.finished(0, .ok))
  let once = decider
  #expect(decider.step(.finished(0, .failed("again"))).isEmpty)
  #expect(decider.step(.begin).isEmpty)
  #expect(decider == once)
}

@Test func `excluded hosts are a class of their own with their reason`() throws {
  let plan = try RolloutPlan(policy: speed("routine"), items: names(4), excluded: ["web002": "being repaired"], seed: 1)
  var rollout = HandRollout(plan)
  while !rollout.flying.isEmpty { rollout.end() }
  let report = rollout.decider.report
  #expect(report.items(.excluded) == ["web002"])
  #expect(report.results.last?.detail == "being repaired")
  #expect(report.tally.total == 4)
  #expect(report.exitCode == .ok)
}

@Test func `the report of a breach reads as a sentence`() throws {
  var rollout = HandRollout(try plan(178))
  rollout.end(.failed("x"))
  #expect(rollout.decider.halt?.text == "1 error and the budget is 0 this early (17 once the window is full)")
}

@Test(
  arguments: [
    ([.ok], .ok), ([.unchanged], .ok), ([.failed("x")], .budgetBreached), ([.unknown("x")], .unknownOutcomes),
    ([.unreachable("x")], .failuresWithinBudget),
    ([.unreachable("x"), .unreachable("x"), .unreachable("x")], .unreachableBudget),
  ] as [([ItemOutcome], ExitCode)]
)
func `the exit code follows the classes`(outcomes: [ItemOutcome], expected: ExitCode) throws {
  var rollout = HandRollout(try plan(outcomes.count))
  for outcome in outcomes { rollout.end(outcome) }
  #expect(rollout.decider.isFinished)
  #expect(rollout.decider.report.exitCode == expected)
}

@Test func `a report takes a proof after the end`() throws {
  var rollout = HandRollout(try plan(5))
  rollout.end(.unknown("lost"))
  let report = rollout.decider.report
  let host = try #require(report.items(.unknown).first)
  let proven = report.proving(host, .ok)
  #expect(proven.tally.unknown == 0)
  #expect(proven.tally.ok == 1)
  #expect(proven.tally.total == 5)
  #expect(proven.proving(host, .failed("x")) == proven)
}

@Test func `a decider can be stored and goes on as before`() throws {
  var rollout = HandRollout(try plan(20))
  rollout.succeed(4)
  let data = try JSONEncoder().encode(rollout.decider)
  var copy = try JSONDecoder().decode(RolloutDecider.self, from: data)
  #expect(copy == rollout.decider)
  let host = rollout.flying[0]
  #expect(copy.step(.finished(host, .ok)) == rollout.decider.step(.finished(host, .ok)))
}

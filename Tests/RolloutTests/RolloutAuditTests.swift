import Testing

@testable import Rollout

/// An audit that never complains would make every simulation pass, so each promise is broken once by hand.
struct RolloutAuditTests {
  private func audit(_ count: Int = 30, _ name: String = "routine") throws -> RolloutAudit {
    RolloutAudit(plan: try plan(count, name))
  }

  @Test func `two hosts at the start are one too many`() throws {
    var audit = try audit()
    audit.start(0)
    audit.start(1)
    #expect(audit.violations == ["2 hosts in flight, 1 allowed"])
  }

  @Test func `a start after an error beyond the budget is noticed`() throws {
    var audit = try audit()
    audit.start(0)
    audit.end(0, .failed("x"))
    audit.gate(asked: 1)
    audit.gate(asked: nil)
    audit.start(1)
    #expect(audit.violations == ["host 1 starts with 1 errors"])
  }

  @Test func `a start after an unknown outcome is noticed`() throws {
    var audit = try audit()
    audit.start(0)
    audit.end(0, .unknown("x"))
    audit.gate(asked: 1)
    audit.gate(asked: nil)
    audit.start(1)
    #expect(audit.violations == ["host 1 starts with 1 unknown"])
  }

  @Test func `a start after the halt is noticed`() throws {
    var audit = try audit(30, "immediate")
    audit.halt(.cancelled)
    audit.start(0)
    #expect(audit.violations == ["host 0 starts after the halt"])
  }

  @Test func `a start past a gate, or during one, is noticed`() throws {
    var audit = try audit()
    audit.start(0)
    audit.end(0, .ok)
    audit.start(1)
    #expect(audit.violations == ["host 1 starts past a gate"])
    audit.end(1, .ok)
    audit.gate(asked: 2)
    audit.start(2)
    #expect(audit.violations.last == "host 2 starts while a gate is asked")
  }

  @Test func `a gate with hosts in flight is noticed`() throws {
    var audit = try audit()
    audit.start(0)
    audit.gate(asked: 0)
    #expect(audit.violations == ["a gate is asked with 1 in flight"])
  }

  @Test func `a halt at the wrong count is noticed`() throws {
    var audit = try audit(30, "routine")
    audit.start(0)
    audit.end(0, .ok)
    audit.halt(.budget(.errors, spent: 2, allowed: 1, full: 3))
    #expect(audit.violations.count == 1)
  }

  @Test func `a report that loses a host or skips one silently is noticed`() throws {
    let plan = try plan(2)
    var audit = RolloutAudit(plan: plan)
    var decider = RolloutDecider(plan: plan)
    _ = decider.step(.begin)
    audit.start(0)
    audit.end(0, .ok)
    _ = decider.step(.finished(0, .failed("x")))
    audit.finish(decider.report)
    #expect(audit.violations == ["host 0 is reported failed"])
    var silent = RolloutAudit(plan: plan)
    silent.finish(RolloutDecider(plan: plan).report)
    #expect(silent.violations == ["skips 2 hosts without a reason"])
  }

  @Test func `an end without a start is noticed`() throws {
    var audit = try audit()
    audit.end(0, .ok)
    #expect(audit.violations == ["host 0 ends without a start"])
  }

  @Test(arguments: SimulatedFault.allCases)
  func `a swap keeps a runnable version whatever breaks at any step`(fault: SimulatedFault) {
    for step in SimulatedSwap.Step.allCases {
      var swap = SimulatedSwap()
      let outcome = swap.play(fault, brokenAt: step)
      #expect(!swap.wasEverBare)
      #expect(swap.hasOld || swap.hasProvenNew)
      // Only a proven new version lets the old one go.
      if outcome.outcomeClass == .failed || outcome.outcomeClass == .unhealthy { #expect(swap.hasOld) }
    }
  }
}

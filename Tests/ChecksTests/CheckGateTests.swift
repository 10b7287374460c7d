import Foundation
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Checks

/// The gates of a site, as rollouts, rollbacks and runbooks ask them.
struct CheckGateTests {
  private let gate = CheckGate()

  private func stand(_ measured: [Measured], gates: Value = .string("a.*")) throws -> Stand {
    var stand = Stand([.fill("a.fill", measured)])
    try stand.site(["gates": gates])
    return stand
  }

  @Test func `a site without gates is not asked, so no rollout holds for it`() throws {
    #expect(!gate.watchesWaves(in: Stand().surroundings))
    #expect(gate.watchesWaves(in: try stand([]).surroundings))
  }

  @Test func `BAD refuses, UNKNOWN cannot tell, OK and WARN pass`() async throws {
    for (value, answer) in [
      (1, .allow), (60, .allow),
      (90, .refuse("BAD a.fill: 90; BAD is 80 or more", hint: #"`why("a.fill")` tells more"#)),
      (nil, .unknown("UNKNOWN a.fill: there is no value")),
    ] as [(Double?, GuardAnswer)] {
      let surroundings = try stand([Measured(value)]).surroundings
      #expect(await gate.judge(.wave(done: []), in: surroundings) == answer)
    }
    #expect(
      await gate.judge(.runbook("x"), in: try stand([]).surroundings)
        == .unknown("UNKNOWN a.fill: nothing was measured")
    )
    guard
      case .unknown = await gate.judge(.wave(done: []), in: try stand([Measured(1)], gates: .string("b")).surroundings)
    else {
      Issue.record("a gate that names no check passes")
      return
    }
  }

  // It was found out by the first gate of a rollout, when a host had been changed.
  @Test func `a gate that no check is called is told as a problem of the site`() async throws {
    let surroundings = try stand([Measured(1)], gates: .string("a.fil")).surroundings
    let problem = try #require(gate.problem(in: surroundings))
    #expect(problem.message == "site.lua: gates: no check is called 'a.fil'")
    #expect(problem.hint == "did you mean 'a.fill'?")
    #expect(surroundings.checkList.problems.map(\.message) == [problem.message])
    #expect(await gate.judge(.runbook("x"), in: surroundings) == .unknown(problem.message))
    #expect(gate.problem(in: try stand([Measured(1)]).surroundings) == nil)
  }

  @Test func `a plan is told how everything stands that a gate asks`() async throws {
    let surroundings = try stand([Measured(1, subject: "w1"), Measured(90, subject: "w2")]).surroundings
    let standing = await gate.standing(at: .runbook("x"), in: surroundings)
    #expect(standing.lines == ["a.*: 2 findings: 1 BAD, 1 OK", "BAD a.fill w2: 90; BAD is 80 or more"])
    #expect(gate.subjects(in: surroundings) == ["a.*"])
    #expect(await gate.standing(at: .runbook("x"), in: Stand().surroundings).lines == [])
  }

  @Test func `a rollback stops for a subject that was not BAD when it began, and never for UNKNOWN`() async throws {
    func refusals(_ values: [(String, Double?)]) async throws -> [String: String] {
      let stand = try self.stand(values.map { Measured($0.1, subject: $0.0) })
      return await gate.refusals(at: .wave(done: []), in: stand.surroundings)
    }
    let start = try await refusals([("x", 90), ("y", 1), ("z", nil)])
    #expect(start == ["checks: a.fill x": "90; BAD is 80 or more"])
    let later = try await refusals([("x", 95), ("y", 85), ("z", nil)])
    #expect(Set(later.keys).subtracting(start.keys) == ["checks: a.fill y"])
  }

  @Test func `what a runbook cures is shown and not asked before it, and asked after it`() async throws {
    var stand = Stand([.fill("rocky.max_locked", [Measured(97)]), .fill("rocky.rejects", [Measured(1)])])
    try stand.site(["gates": .string("rocky.*")])
    let surroundings = stand.surroundings
    guard case .refuse = await gate.judge(.runbook("other"), in: surroundings) else {
      Issue.record("a gate that is BAD lets a runbook begin that does not cure it")
      return
    }
    let begin = GatePoint.runbook("reset", cures: ["*.max_locked", "*.invariant"])
    #expect(await gate.judge(begin, in: surroundings) == .allow)
    #expect(await gate.remarks(at: begin, in: surroundings) == ["BAD rocky.max_locked: 97; BAD is 80 or more"])
    guard case .refuse = await gate.judge(.cured("reset", cures: ["*.max_locked"]), in: surroundings) else {
      Issue.record("what is still BAD counts as cured")
      return
    }
    stand.surroundings.checks = [.fill("rocky.max_locked", [Measured(1)])]
    #expect(await gate.judge(.cured("reset", cures: ["*.max_locked"]), in: stand.surroundings) == .allow)
    stand.surroundings.checks = [.fill("rocky.max_locked", [])]
    guard case .unknown = await gate.judge(.cured("reset", cures: ["*.max_locked"]), in: stand.surroundings) else {
      Issue.record("what cannot be measured counts as cured")
      return
    }
  }

  @Test func `a pattern of cures may select nothing, a name may not`() async throws {
    let surroundings = Stand([.fill("a.fill", [Measured(1)])]).surroundings
    #expect(await gate.judge(.cured("reset", cures: ["*.max_locked"]), in: surroundings) == .allow)
    guard case .unknown = await gate.judge(.cured("reset", cures: ["rocky.max_locked"]), in: surroundings) else {
      Issue.record("a check that does not exist counts as cured")
      return
    }
  }
}

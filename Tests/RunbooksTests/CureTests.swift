import OpshTesting
import PrimitiveKit
import Runs
import Synchronization
import Testing

/// What a runbook cures does not keep it from starting, and is asked after it; an emergency asks no gate.
struct CureTests {
  let stage = Stage()

  private static let cures = "cures = { '*.locked' },"

  @Test func `gates hear what a runbook cures before it and after it`() async throws {
    stage.gate.withLock {
      $0 = { point in
        switch point {
        case .runbook(_, cures: ["*.locked"]), .wave: .allow
        case .runbook: .refuse("orders are stuck")
        case .cured(_, let cures): .refuse("\(cures.joined()) is BAD")
        }
      }
    }
    let desk = try await stage.desk()
    let refused = try await desk.run("mark('a')")
    #expect(refused.failure?.code == "gate.refused")
    #expect(stage.fleet.written["a"] == nil)
    let end = try await desk.run("mark('a')", Self.cures)
    #expect(stage.fleet.written["a"] == 1)
    #expect(end.failure?.code == "runbook.not_cured")
    #expect(end.failure?.message == "'test' finished and cured nothing: pretend: *.locked is BAD")
    #expect(ExitCode(failure: end.failure ?? .cancelled) == .budgetBreached)
  }

  // It asked for the number of hosts and refused after it was typed.
  @Test func `gates are asked before anybody is, and again once somebody has answered`() async throws {
    stage.gate.withLock { $0 = { _ in .refuse("orders are stuck") } }
    let shut = try await stage.desk(answers: ["1"], yes: false)
    #expect(try await shut.run("mark('a')").failure?.code == "gate.refused")
    #expect((shut.dialogue as? RecordingDialogue)?.asked == [])
    #expect(shut.text.contains("Gate "))

    let asked = Mutex(0)
    stage.gate.withLock {
      $0 = { _ in
        asked.withLock { count in
          count += 1; return count > 1 ? .refuse("meanwhile") : .allow
        }
      }
    }
    let late = try await stage.desk(answers: ["1"], yes: false)
    #expect(try await late.run("mark('a')").failure?.message.hasSuffix("pretend: meanwhile") == true)
    #expect((late.dialogue as? RecordingDialogue)?.asked.count == 1)
    #expect(stage.fleet.written["a"] == nil)
  }

  @Test func `how everything stands that gates ask is in the plan and no part of what it promises`() async throws {
    let plan = try #require(try await stage.desk(dry: true).plan("mark('a')").plan)
    var other = plan
    other.gates = ["host.*: 2 findings: 1 WARN, 1 OK", "WARN host.disk w1: 85 %; OK is at most 80"]
    #expect(other.hash == plan.hash)
    let text = other.render(columns: 100, now: 0)
    #expect(text.contains("\nGates      host.*: 2 findings: 1 WARN, 1 OK\n"), "\(text)")
    #expect(text.contains("\n           WARN host.disk w1: 85 %"))
    #expect(!plan.render(columns: 100, now: 0).contains("Gates"))
  }

  @Test func `a cure that cannot be measured is no cure`() async throws {
    stage.gate.withLock { $0 = { if case .cured = $0 { .unknown("no rows") } else { .allow } } }
    let end = try await stage.desk().run("mark('a')", Self.cures)
    #expect(end.failure?.message == "'test' finished, but whether it cured anything is unknown: pretend: no rows")
  }

  @Test func `a runbook that cures nothing is not asked after it`() async throws {
    stage.gate.withLock { $0 = { if case .cured = $0 { .refuse("never") } else { .allow } } }
    #expect(try await stage.desk().run("mark('a')").failure == nil)
  }

  @Test func `an emergency starts, and its rollouts continue, whatever gates say`() async throws {
    stage.gate.withLock { $0 = { _ in .refuse("orders are stuck") } }
    let loop = "job:each({ 'w1', 'w2', 'w3' }, { name = 'all' }, function(h) mark('x', h) end)"
    let end = try await stage.desk().run(loop, "emergency = true,")
    #expect(end.failure == nil, "\(end)")
    #expect(stage.fleet.written["x"] == 3)
    let dry = try await stage.desk(dry: true).plan(loop, "emergency = true,")
    #expect(dry.plan?.objection == nil)
  }
}

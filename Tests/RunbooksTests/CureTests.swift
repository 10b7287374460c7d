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

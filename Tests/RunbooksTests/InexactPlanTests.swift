import Journal
import PrimitiveKit
import Testing

@testable import Runbooks
@testable import Runs

/// What a plan says about values that nobody knows before the run.
struct InexactPlanTests {
  let stage = Stage()

  @Test(arguments: [
    ("if out == 'ok' then mark('b') end", "if"), ("for _ in pairs(out) do mark('b') end", "pairs"),
    ("local n = math.floor(out) + 1 while n < 3 do mark('b') end", "while"),
    ("pcall(function() return out and mark('b') end) mark('c')", "and"), ("mark('w' .. out)", "mark: 'word'"),
  ])
  func `a decision on an unknown outcome ends the plan at its line`(decision: String, use: String) async throws {
    let desk = try await stage.desk()
    let end = try await desk.plan("local out = job:step('a', function() return mark('guess') end)\n\(decision)")
    let plan = try #require(end.plan)
    #expect(plan.operations.count == 1)
    #expect(plan.unseen?.contains("test.lua:2: ") == true, "\(plan.unseen ?? "-")")
    #expect(plan.unseen?.contains(use) == true, "\(plan.unseen ?? "-")")
    #expect(plan.inexact.map(\.assumed) == [nil])
    let place = try #require(plan.inexact.first?.place)
    #expect(place.hasSuffix("test.lua:2"))
    let screen = plan.render(columns: 300, now: 0)
    #expect(screen.contains("0 %: the plan stops at \(place) (0 of 1 change before it predicted)"), "\(screen)")
    #expect(stage.fleet.written.isEmpty)
  }

  @Test func `what a runbook assumes is in the plan, which goes on`() async throws {
    let desk = try await stage.desk()
    let body = """
      local out = job:step('a', function() return mark('guess') end)
      if unwrap(out:match('^guess') ~= nil, true) then
        job:step('b', function() mark('b') end)
      end
      return out
      """
    let end = try await desk.plan(body)
    let plan = try #require(end.plan)
    #expect(plan.unseen == nil)
    #expect(plan.operations.count == 2)
    #expect(plan.inexact.map(\.assumed) == [.bool(true)])
    #expect(plan.inexact.first?.place.hasSuffix("test.lua:2") == true)
    let live = try await desk.run(body)
    #expect(live.failure == nil)
    #expect(stage.fleet.written == ["guess": 1, "b": 1])
  }

  @Test func `a prediction that rests on an unknown outcome is unknown, and the plan names the place`() async throws {
    let desk = try await stage.desk()
    let body = """
      job:step('try', function() mark('guess') end)
      job:step('start', function() mark('rest-1') mark('b') end)
      """
    let plan = try #require(try await desk.plan(body).plan)
    #expect(plan.operations.map(\.isExact) == [false, false, true])
    #expect(
      plan.unpredicted.map { "\($0.place): \($0.what)" } == [
        "step 'try': 1 × test.mark on web1: nobody can say what guess does",
        "step 'start': 1 × test.mark on web1: it depends on the result of test.mark in step 'try'",
      ]
    )
    #expect(plan.render(columns: 120, now: 0).contains("unknown"))
    #expect(try await desk.run(body).failure == nil)
    let fidelity = try await desk.journal.fidelity()
    #expect(fidelity.map(\.predicted) == [1] && fidelity.map(\.matched) == [1])
  }
}

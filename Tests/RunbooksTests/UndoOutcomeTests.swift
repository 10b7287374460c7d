import Journal
import OpshTesting
import PrimitiveKit
import Rollout
import Testing

/// An undo counts once its outcome says so, and what is left is named and stays open.
struct UndoOutcomeTests {
  let stage = Stage()
  private let loop = """
    job:each({ 'w1', 'w2', 'w3', 'w4', 'w5', 'w6' }, { name = 'all' }, function(h) mark('x-' .. h, h) end)
    """

  @Test func `an inverse whose outcome says that it failed stops the rollback, which stays open`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)")
    stage.fleet.next("undo-b", .bad)
    let end = await desk.rollback(run.run)
    #expect(end.failure?.message.contains("web1: failed: b is still there") == true, "\(end)")
    #expect(ExitCode(failure: end.failure ?? .cancelled) == .rollbackFailed)
    #expect(try await desk.state(run.run) == .rollbackFailed)
    #expect(stage.fleet.written["undo-a"] == nil)
    let rollback = try #require(try await desk.journal.runs(RunFilter(kinds: [.rollback])).first)
    #expect(end.failure?.hint?.contains("resume(\"\(rollback.id)\")") == true)
    #expect(await (try await stage.desk(.ben)).resume(rollback.id).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1, "undo-a": 1, "undo-b": 2])
    #expect(try await desk.state(run.run) == .rolledBack)
  }

  @Test func `a policy of rollback whose undo fails ends as a rollback that failed`() async throws {
    stage.fleet.next("b", .fail)
    stage.fleet.next("undo-a", .bad)
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)",
      "on_failure = 'rollback',"
    )
    #expect(ExitCode(failure: end.failure ?? .cancelled) == .rollbackFailed)
    #expect(end.failure?.message.contains("a is still there") == true)
    #expect(try await desk.state(end.run) == .rollbackFailed)
  }

  @Test func `one dead host is left out and named, and the others are undone`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run(loop)
    stage.fleet.beSilent("w6")
    let end = await desk.rollback(run.run)
    #expect(desk.text.contains("Undo          5 × test.unmark on w[1-5]"), "\(desk.text)")
    #expect(desk.text.contains("Left out      w6 (1, no answer): "))
    #expect(end.failure?.message.contains("1 of 6 hosts not undone: w6: unreachable: ") == true, "\(end)")
    #expect(ExitCode(failure: end.failure ?? .cancelled) == .rollbackFailed)
    #expect(try await desk.state(run.run) == .rollbackFailed)
    #expect(stage.fleet.order.suffix(5).allSatisfy { $0.hasPrefix("undo-x-w") })
    stage.fleet.beSilent()
    #expect(await (try await stage.desk(.ben)).rollback(run.run).failure == nil)
    #expect(stage.fleet.written.filter { $0.key.hasPrefix("undo-") }.values.allSatisfy { $0 == 1 })
    #expect(try await desk.state(run.run) == .rolledBack)
  }

  @Test func `a host that goes away meanwhile is tolerated as in a deploy, an error is not`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run(loop)
    stage.fleet.next("undo-x-w3", .unreachable)
    let end = await desk.rollback(run.run)
    #expect(end.failure?.message.contains("w3: unreachable: ") == true, "\(end)")
    #expect(stage.fleet.order.count { $0.hasPrefix("undo-") } == 5)
    #expect(await desk.rollback(run.run).failure == nil)
  }

  @Test func `what a host still has is undone before what came earlier on it`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run(
      """
      for _, word in ipairs { 'a', 'b' } do
        job:each({ 'w1', 'w2' }, { name = word }, function(h) mark(word .. '-' .. h, h) end)
      end
      """
    )
    stage.fleet.next("undo-b-w2", .unreachable)
    #expect(await desk.rollback(run.run).failure != nil)
    #expect(Set(stage.fleet.order.dropFirst(4)) == ["undo-b-w1@w1", "undo-a-w1@w1"])
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(stage.fleet.order.suffix(2) == ["undo-b-w2@w2", "undo-a-w2@w2"])
  }

  @Test func `where nothing answers nothing is begun`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run(loop)
    stage.fleet.beSilent("w1", "w2", "w3", "w4", "w5", "w6")
    let end = await desk.rollback(run.run)
    #expect(end.failure?.code == "rollback.unreachable")
    #expect(try await desk.state(run.run) == .ok)
    #expect(try await desk.journal.runs().count == 1)
  }

  @Test func `an undone change that is lost again is named, and one that all lost stops the rollback`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run(loop)
    stage.fleet.set("predict lapse-x-w2", "yes")
    let end = await desk.rollback(run.run)
    #expect(end.failure?.message.contains("w2: unhealthy: x-w2 on w2 came back") == true, "\(end)")
    #expect(try await desk.state(run.run) == .rollbackFailed)
    stage.fleet.set("predict lapse-x-w2", "nothing")
    #expect(await desk.rollback(run.run).failure == nil)
  }

  @Test func `functions of the items of a loop go together, and one dead host does not keep the others`() async throws {
    let body = """
      job:each({ 'w1', 'w2', 'w3' }, { name = 'all', undo = function(job, result, host) mark('back-' .. host, host) end },
        function(host) return mark('there-' .. host, host) end)
      """
    let run = try await stage.desk().run(body)
    let desk = try await stage.desk(.ben)
    stage.fleet.next("back-w2", .unreachable)
    let end = await desk.rollback(run.run)
    #expect(desk.text.contains("3 items of 'all' by their own function: w[1-3]"), "\(desk.text)")
    #expect(desk.rollouts.requests.map(\.items.count) == [3])
    #expect(end.failure?.message.contains("w2: unreachable") == true, "\(end)")
    #expect(stage.fleet.written["back-w1"] == 1 && stage.fleet.written["back-w3"] == 1)
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(stage.fleet.written["back-w2"] == 1)
  }

  @Test func `changes outside of steps that do the same are undone together`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run(
      "for _, h in ipairs { 'w1', 'w2', 'w3' } do mark('same-x', h) mark('a', h) end mark('b', 'w1')"
    )
    let before = desk.rollouts.requests.count
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(desk.rollouts.requests.dropFirst(before).map(\.items.count) == [1, 3])
    let lines = ["1 × test.unmark on w1: wipe b", "3 × test.unmark on w[1-3]: wipe a"]
    #expect(desk.text.contains(lines.map { "Undo          \($0)" }.joined(separator: "\n")))
    #expect(desk.text.contains("Pace          1 host first, then up to 3 at a time"))
    #expect(desk.text.contains("Error halt    0 tolerated, error 1 stops; 2 may be unreachable"))
    #expect(desk.text.contains("Est. duration ~"))
  }
}

import Journal
import OpshTesting
import PrimitiveKit
import Testing

/// Undo functions of steps that began and did not end well.
struct AttemptedUndoTests {
  let stage = Stage()
  private let body = """
    local function undo(word) return { undo = function(job, result) mark(word .. (result or 'nil')) end } end
    job:step('a', function() mark('a') return 'A' end, undo 'undo-a-')
    job:step('b', function() mark('b') mark('bad') end, undo 'undo-b-')
    """

  @Test func `a step that failed half way is undone by its function, before those that ended`() async throws {
    stage.fleet.next("bad", .fail)
    let run = try await stage.desk().run(body)
    #expect(run.failure?.code == "test.failed")
    let desk = try await stage.desk(.ben)
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(stage.fleet.order.map { String($0.dropLast(5)) } == ["a", "b", "undo-b-nil", "undo-a-A"])
    #expect(desk.text.contains("step 'b', which did not succeed, by its own function"))
    #expect(desk.text.contains("step 'a' by its own function"))
    #expect(!desk.text.contains("Not undone"))
  }

  @Test func `a policy of rollback undoes the step that failed as well`() async throws {
    stage.fleet.next("bad", .fail)
    let run = try await stage.desk().run(body, "on_failure = 'rollback',")
    #expect(run.failure?.code == "run.rolled_back")
    #expect(stage.fleet.order.map { String($0.dropLast(5)) } == ["a", "b", "undo-b-nil", "undo-a-A"])
  }

  @Test func `a step that did nothing is not undone`() async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk()
    let run = try await desk.run(body)
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(stage.fleet.order.map { String($0.dropLast(5)) } == ["a", "undo-a-A"])
  }

  @Test func `a step whose change may have happened is undone, and the change is listed`() async throws {
    stage.fleet.next("b", .lostBefore)
    stage.fleet.beDumb(true)
    let run = try await stage.desk().run(body)
    #expect(run.failure?.code == "host.lost")
    let desk = try await stage.desk(.ben)
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(stage.fleet.order.map { String($0.dropLast(5)) } == ["a", "undo-b-nil", "undo-a-A"])
    #expect(desk.text.contains("Unknown       1 × test.mark on web1"))
  }

  @Test func `a step whose change turns out not to have happened has nothing to undo`() async throws {
    stage.fleet.next("b", .lostBefore)
    stage.fleet.beDumb(true)
    let run = try await stage.desk().run(body)
    stage.fleet.beDumb(false)
    let desk = try await stage.desk(.ben)
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(stage.fleet.order.map { String($0.dropLast(5)) } == ["a", "undo-a-A"])
    #expect(desk.text.contains("write b on web1: it did not happen"))
    #expect(!desk.text.contains("Unknown"))
  }

  @Test func `a step that its process died in is undone`() async throws {
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "bad@web1" { desk.database.die(after: 0) } }
    let run = try await desk.run(body).run
    stage.fleet.onWrite(nil)
    stage.advance(by: 120)
    #expect(await (try await stage.desk(.ben)).rollback(run).failure == nil)
    #expect(stage.fleet.order.suffix(2).map { String($0.dropLast(5)) } == ["undo-b-nil", "undo-a-A"])
  }

  @Test func `skipped steps, caught ones and items of a loop are undone where they did something`() async throws {
    let body = """
      local function undo(word) return { undo = function() mark('undo-' .. word) end } end
      local skipped = undo 'skipped' skipped.on_failure = 'skip'
      job:step('skipped', function() mark('one') mark('bad') end, skipped)
      pcall(job.step, job, 'caught', function() mark('two') mark('bad') end, undo 'caught')
      local items = undo 'item' items.name, items.budget = 'all', 2
      job:each({ 'web1', 'web2' }, items, function(host) mark('three-' .. host) mark('bad-' .. host) end)
      """
    stage.fleet.next("bad", .fail, .fail)
    stage.fleet.next("bad-web1", .fail)
    let desk = try await stage.desk()
    let run = try await desk.run(body)
    #expect(run.failure == nil)
    #expect(await desk.rollback(run.run).failure == nil)
    let undone = stage.fleet.order.filter { $0.hasPrefix("undo-") }.map { String($0.dropLast(5)) }
    #expect(undone == ["undo-item", "undo-item", "undo-caught", "undo-skipped"])
  }

  @Test func `a hold that a failure gave back is not given back again`() async throws {
    let body = """
      local held <close> = job:hold('h', function() mark('take') end, function() mark('give') end)
      job:step('a', function() mark('a') end)
      """
    stage.fleet.next("a", .fail, .fail)
    let run = try await stage.desk().run(body)
    #expect(run.failure?.code == "test.failed")
    _ = await (try await stage.desk(.ben)).resume(run.run)
    #expect(stage.fleet.written == ["take": 2, "give": 2])
    let end = await (try await stage.desk(.anna)).rollback(run.run)
    #expect(stage.fleet.written["give"] == 2, "\(end)")
  }

  @Test func `a hold that was taken half way is given back`() async throws {
    let body = """
      local held <close> = job:hold('h', function() mark('take') mark('bad') end, function() mark('give') end)
      """
    stage.fleet.next("bad", .fail)
    let run = try await stage.desk().run(body)
    #expect(run.failure?.code == "test.failed")
    #expect(await (try await stage.desk(.ben)).rollback(run.run).failure == nil)
    #expect(stage.fleet.order == ["take@web1", "give@web1"])
  }
}

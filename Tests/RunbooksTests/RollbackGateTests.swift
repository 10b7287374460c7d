import Journal
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

/// Gates in rollbacks and in previews: a rollback asks relatively.
struct RollbackGateTests {
  let stage = Stage()

  private func deployed() async throws -> String {
    let loop = "job:each({ 'w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7' }, { name = 'all' }, function(h) mark('x', h) end)"
    return try await stage.desk().run(loop).run
  }

  @Test func `a gate that turns to no stops a rollback between waves, and the run stays open`() async throws {
    let run = try await deployed()
    // Nothing is done yet when it begins.
    stage.gate.withLock { $0 = { $0 == .wave(done: []) ? .allow : .refuse("orders are rejected") } }
    let desk = try await stage.desk(.ben)
    let end = await desk.rollback(run)
    #expect(end.failure?.message.contains("a gate failed: pretend: orders are rejected") == true, "\(end)")
    // Which two were deployed first, and so are left, the deploy did not say.
    #expect(end.failure?.message.contains("2 of 7 hosts not undone: w[") == true, "\(end)")
    #expect(end.failure?.message.hasSuffix("]: not started") == true, "\(end)")
    #expect(ExitCode(failure: end.failure ?? .cancelled) == .rollbackFailed)
    #expect(stage.fleet.written["undo-x"] == 5)
    stage.gate.withLock { $0 = nil }
    #expect(await (try await stage.desk(.ben)).rollback(run).failure == nil)
    #expect(stage.fleet.written["undo-x"] == 7)
  }

  @Test func `a gate that refused from the start or cannot tell stops no rollback, and is named`() async throws {
    let run = try await deployed()
    stage.gate.withLock { $0 = { _ in .refuse("orders are rejected") } }
    let desk = try await stage.desk(.ben)
    #expect(await desk.rollback(run).failure == nil)
    #expect(desk.text.contains("Gates         pretend: already refusing; only a gate that starts to refuse"))
    stage.gate.withLock { $0 = nil }
    let loop = "job:each({ 'w1', 'w2' }, { name = 'all' }, function(h) mark('y', h) end)"
    let second = try await stage.desk().run(loop)
    stage.gate.withLock { $0 = { _ in .unknown("no data") } }
    #expect(await (try await stage.desk(.ben)).rollback(second.run).failure == nil)
  }

  @Test func `the preview of a resume says what gates say`() async throws {
    stage.fleet.next("b", .fail)
    let body = "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)"
    let run = try await stage.desk().run(body).run
    stage.gate.withLock { $0 = { _ in .refuse("orders are rejected") } }
    let desk = try await stage.desk(.ben, dry: true)
    #expect(await desk.resume(run).failure == nil)
    #expect(desk.text.contains("pretend: orders are rejected; checked again between waves"), "\(desk.text)")
  }

  @Test func `the preview of the resume of a rollback is the plan of what is left`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('a') end)").run
    stage.fleet.next("undo-a", .bad)
    #expect(await desk.rollback(run).failure != nil)
    let rollback = try #require(try await desk.journal.runs(RunFilter(kinds: [.rollback])).first)
    let next = try await stage.desk(.ben, dry: true)
    #expect(await next.resume(rollback.id).failure == nil)
    #expect(next.text.contains("Undo          1 × test.unmark on web1: wipe a"), "\(next.text)")
    #expect(next.text.contains("would resume rollback \(rollback.id)"))
  }
}

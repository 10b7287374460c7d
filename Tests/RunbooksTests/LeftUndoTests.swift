import Journal
import OpshTesting
import PrimitiveKit
import Rollout
import Runs
import Testing

/// What a rollback left by functions, by changes that rest on each other, or by two operators at once is never called undone.
struct LeftUndoTests {
  let stage = Stage()

  private func code(_ end: Ending) -> ExitCode { ExitCode(failure: end.failure ?? .cancelled) }

  @Test func `what a function tolerated or its operator skipped is left, and tried again`() async throws {
    let undo = "{ undo = function() %@ end }"
    for body in ["tolerate()", "job:step('inner', function() tolerate() end)"] {
      let stage = Stage()
      stage.fleet.set("phase", "first")
      let desk = try await stage.desk()
      let call = "if look('phase') == 'first' then \(body) end mark('back')"
      let run = try await desk.run("job:step('a', function() mark('a') end, \(undo.replacing("%@", with: call)))")
      let end = await desk.rollback(run.run)
      #expect(code(end) == .rollbackFailed, "\(body): \(end)")
      #expect(try await desk.state(run.run) == .rollbackFailed)
      stage.fleet.set("phase", "second")
      #expect(await (try await stage.desk(.ben)).rollback(run.run).failure == nil)
      #expect(try await desk.state(run.run) == .rolledBack)
    }
    stage.fleet.next("back", .fail)
    let desk = try await stage.desk(answers: ["skip"], yes: false)
    let run = try await stage.desk().run(
      "job:step('a', function() mark('a') end, { undo = function() mark('back') end })"
    )
    let end = await desk.rollback(run.run)
    #expect(end.failure?.message.contains("step 'a': skipped") == true, "\(end)")
    #expect(code(end) == .rollbackFailed)
    #expect(await (try await stage.desk(.ben)).rollback(run.run).failure == nil)
    #expect(stage.fleet.written["back"] == 1)
  }

  @Test func `a runbook's own undo in which an item failed has not undone the run`() async throws {
    let items = "{ 'w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8', 'w9', 'w10', 'w11' }"
    let undo = "undo = function(job) job:each(\(items), { name = 'back' }, function(h) mark('back-' .. h, h) end) end,"
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('a') end)", undo)
    stage.fleet.next("back-w3", .fail)
    let end = await desk.rollback(run.run)
    #expect(end.failure?.message.contains("step 'undo': 'back': 1 of 11 failed: w3") == true, "\(end)")
    #expect(code(end) == .rollbackFailed)
    #expect(await (try await stage.desk(.ben)).rollback(run.run).failure == nil)
    #expect(stage.fleet.written["back-w3"] == 1 && stage.fleet.written["back-w1"] == 1)
    #expect(try await desk.state(run.run) == .rolledBack)
  }

  @Test func `a function that catches an unknown outcome leaves both runs unknown`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run(
      "job:step('a', function() mark('a') end, { undo = function() pcall(mark, 'back', 'w2') end })"
    )
    stage.fleet.next("back", .lostBefore)
    let end = await desk.rollback(run.run)
    #expect(code(end) == .unknownOutcomes, "\(end)")
    #expect(try await desk.state(run.run) == .unknown)
  }

  // The schema went back under the one host that was still on the new version.
  @Test func `an earlier step is not undone while a later change is still there`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run(
      """
      job:step('config', function() mark('config', 'w1') end)
      job:step('migrate', function() mark('up', 'db1') end, { undo = function() mark('down', 'db1') end })
      job:each({ 'w1', 'w2' }, { name = 'all' }, function(h) mark('x-' .. h, h) end)
      job:step('tell', function() mark('told', 'w3') end, { undo = function() mark('taken-back', 'w3') end })
      """
    )
    stage.fleet.beSilent("w2")
    let end = await desk.rollback(run.run)
    #expect(end.failure?.message.contains("step 'migrate': not started") == true, "\(end)")
    #expect(stage.fleet.written["down"] == nil)
    // What came later is, and so is what another host can take back by itself.
    #expect(stage.fleet.written["taken-back"] == 1 && stage.fleet.written["undo-config"] == 1)
    stage.fleet.beSilent()
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(stage.fleet.order.suffix(2) == ["undo-x-w2@w2", "down@db1"])
  }

  @Test func `what somebody called done and no host confirms keeps the run open`() async throws {
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "b@w2" { desk.database.die(after: 0) } }
    let body = "job:step('a', function() mark('a') end) job:step('b', function() mark('b', 'w2') end)"
    let run = try await desk.run(body).run
    stage.fleet.onWrite(nil)
    stage.advance(by: 120)
    let next = try await stage.desk(.ben)
    let row = try #require(try await next.journal.unresolved(run: run).first)
    try await next.journal.resolve(run: run, key: row.key, isDone: true, reason: "looked")
    stage.fleet.beSilent("w2")
    let end = await next.rollback(run)
    #expect(code(end) == .unknownOutcomes, "\(end)")
    #expect(end.failure?.message.contains("unknown outcomes: 1 × test.mark on w2") == true)
    #expect(try await next.state(run) == .unknown)
    stage.fleet.beSilent()
    #expect(await next.rollback(run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1, "undo-a": 1, "undo-b": 1])
  }

  // It went host by host, a rollout of its own for each.
  @Test func `releases of several images go back together, and so do changes that two operations undo`() async throws {
    let desk = try await stage.desk()
    let calls = "mark('image-v2', 'w1') mark('image-v3', 'w2') mark('image-v2', 'w3')"
    #expect(await desk.rollback(try await desk.run(calls).run).failure == nil)
    #expect(desk.rollouts.requests.map(\.items) == [["w3", "w2", "w1"]])
    let loop = "job:each({ 'w1', 'w2', 'w3' }, { name = 'all' }, function(h) mark('both-' .. h, h) end)"
    let run = try await stage.desk().run(loop)
    let next = try await stage.desk(.ben)
    stage.fleet.next("undo-both-w21", .fail)
    let end = await next.rollback(run.run)
    #expect(next.rollouts.requests.map(\.items.count) == [3])
    #expect(end.failure?.message.contains("w2: failed") == true, "\(end)")
    // The other one of that host is done all the same.
    #expect(stage.fleet.written["undo-both-w22"] == 1 && stage.fleet.written["undo-both-w21"] == nil)
    #expect(await next.rollback(run.run).failure == nil)
    #expect(stage.fleet.written["undo-both-w21"] == 1 && stage.fleet.written["undo-both-w12"] == 1)
  }

  // It was tried, failed into the budget and kept the change on the others.
  @Test func `what nothing can bring back is named before, and does not keep the others`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("mark('a', 'w1') mark('gone-1', 'w2') mark('a', 'w3')")
    let end = await desk.rollback(run.run)
    #expect(end.failure?.message.contains("1 of 3 hosts not undone: w2: failed: gone-1 cannot be brought back") == true)
    #expect(desk.text.contains("Cannot undo   w2: gone-1 cannot be brought back"), "\(desk.text)")
    #expect(stage.fleet.written["undo-a"] == 2 && stage.fleet.written["undo-gone-1"] == nil)
    #expect(try await desk.state(run.run) == .rollbackFailed)
    let lone = try await desk.run("mark('gone-2', 'w2')")
    let none = await desk.rollback(lone.run)
    #expect(none.failure?.message.contains("can be undone: w2: gone-2 cannot be brought back") == true, "\(none)")
    #expect(try await desk.state(lone.run) != .rolledBack)
  }

  @Test func `a mark that is asked for once a rollback has begun is made`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('image-v2') end)")
    stage.fleet.next("undo-image-v2", .bad, .bad)
    #expect(await desk.rollback(run.run).failure != nil)
    #expect(await desk.rollback(run.run, isMarking: true).failure != nil)
    #expect(await (try await stage.desk(.ben)).rollback(run.run).failure == nil)
    #expect(try await desk.journal.badReleases().map(\.image) == ["image-v2"])
  }

  @Test func `a rollback that is stopped leaves the run neither ok nor undone`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run(
      "job:step('a', function() mark('a', 'w1') end) job:step('b', function() mark('b', 'w2') end)"
    )
    let next = try await stage.desk(.ben)
    stage.fleet.onWrite { word in if word == "undo-b@w2" { _ = next.interrupts.press() } }
    let end = await next.rollback(run.run)
    stage.fleet.onWrite(nil)
    let rollback = try #require(try await next.journal.runs(RunFilter(kinds: [.rollback])).first)
    #expect(end.failure?.hint == "resume(\"\(rollback.id)\") continues the rollback", "\(end)")
    #expect(try await next.state(run.run) == .rollbackFailed)
    #expect(await next.resume(rollback.id).failure == nil)
    #expect(try await next.state(run.run) == .rolledBack)
    #expect(stage.fleet.written == ["a": 1, "b": 1, "undo-a": 1, "undo-b": 1])
  }

  @Test func `a rollback whose run another one has undone ends without touching anything`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('a') end)")
    stage.fleet.next("undo-a", .bad)
    #expect(await desk.rollback(run.run).failure != nil)
    let rollback = try #require(try await desk.journal.runs(RunFilter(kinds: [.rollback])).first)
    try await desk.journal.conclude(run.run, state: .rolledBack, reason: "by another", exitCode: 7)
    let written = stage.fleet.order
    let next = try await stage.desk(.ben)
    #expect(await next.resume(rollback.id).failure == nil)
    #expect(next.text.contains("run \(run.run) has already been rolled back"))
    #expect(stage.fleet.order == written)
    #expect(try await next.journal.run(rollback.id).state == .ok)
  }
}

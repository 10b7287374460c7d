import Journal
import OpshTesting
import PrimitiveKit
import Testing

struct RollbackTests {
  let stage = Stage()

  @Test func `changes are undone in reverse order`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("for i = 1, 3 do job:step('s' .. i, function() mark('w' .. i) end) end")
    let end = await desk.rollback(run.run)
    #expect(end.failure == nil)
    #expect(end.exitCode == .ok)
    #expect((desk.dialogue as? RecordingDialogue)?.all.contains(.note(.rolledBack)) == false)
    #expect(stage.fleet.order.suffix(3) == ["undo-w3@web1", "undo-w2@web1", "undo-w1@web1"])
    #expect(try await desk.state(run.run) == .rolledBack)
    #expect(try await desk.state(end.run) == .ok)
    #expect(await desk.rollback(run.run).failure?.code == "run.finished")
    #expect(await desk.resume(run.run).failure?.code == "run.finished")
  }

  @Test func `changes of one step that came one after the other are undone one after the other`() async throws {
    let body = """
      job:step('s', function()
        for turn = 1, 3 do mark('turn' .. turn .. '-x', 'web' .. turn) end
      end)
      """
    let run = try await stage.desk().run(body)
    #expect(run.failure == nil)
    let end = await (try await stage.desk(.ben)).rollback(run.run)
    #expect(end.failure == nil)
    #expect(stage.fleet.order.suffix(3) == ["undo-turn3-x@web3", "undo-turn2-x@web2", "undo-turn1-x@web1"])
  }

  @Test func `functions of steps and inverses take turns in reverse order`() async throws {
    let body = """
      local function undo(word) return { undo = function(job, result, name) mark(word .. result .. name) end } end
      job:step('a', function() mark('a') end)
      job:step('b', function() return 'B' end, undo('undone-'))
      job:step('c', function(job)
        job:step('d', function() mark('d') end)
        job:step('e', function() mark('e') return 'E' end, undo('undone-'))
      end)
      job:step('f', function() return 'F' end, undo('undone-'))
      """
    let run = try await stage.desk().run(body)
    #expect(run.failure == nil)
    let desk = try await stage.desk(.ben)
    let end = await desk.rollback(run.run)
    #expect(end.failure == nil)
    #expect(
      stage.fleet.order.dropFirst(3).map { String($0.dropLast(5)) } == [
        "undone-Ff", "undone-Ee", "undo-d", "undone-Bb", "undo-a",
      ]
    )
  }

  @Test func `items of a loop are undone by their own function, in whatever process`() async throws {
    let body = """
      job:each({ 'web1', 'web2' }, { name = 'all', undo = function(job, result, host) mark('back', host) end },
        function(host) return mark('there', host) end)
      """
    let run = try await stage.desk().run(body)
    #expect(run.failure == nil)
    let end = await (try await stage.desk(.ben)).rollback(run.run)
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["there": 2, "back": 2])
  }

  @Test func `steps that ended well inside one that did not are undone by their functions`() async throws {
    let body = """
      job:step('outer', function(job)
        job:step('in', function() mark('in') end, { undo = function() mark('out') end })
        mark('bad')
      end)
      """
    stage.fleet.next("bad", .fail)
    let run = try await stage.desk().run(body)
    #expect(run.failure?.code == "test.failed")
    let end = await (try await stage.desk(.ben)).rollback(run.run)
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["in": 1, "out": 1])
  }

  @Test func `a step done in a second attempt is undone once, by its function`() async throws {
    let body = """
      job:step('outer', function(job)
        job:step('in', function() mark('in') end, { undo = function() mark('out') end })
        mark('bad')
      end, { retry = 1 })
      """
    stage.fleet.next("bad", .fail)
    let run = try await stage.desk().run(body)
    #expect(run.failure == nil)
    #expect(stage.fleet.written == ["in": 2, "bad": 1])
    let end = await (try await stage.desk(.ben)).rollback(run.run)
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["in": 2, "bad": 1, "undo-bad": 1, "out": 2])
  }

  @Test func `what cannot be undone and what is not known is said before anybody confirms`() async throws {
    let body = """
      job:step('a', function() mark('a') end)
      job:step('b', function() mark('forever') end)
      job:step('c', function() mark('lost', 'web2') end)
      """
    stage.fleet.next("lost", .lostBefore)
    stage.fleet.beDumb(true)
    let run = try await stage.desk().run(body)
    let desk = try await stage.desk(.ben, answers: ["2"], yes: false)
    let end = await desk.rollback(run.run, isConfirmed: false)
    #expect(end.failure?.code == "plan.declined")
    #expect(stage.fleet.written == ["a": 1, "forever": 1])
    #expect(desk.text.contains("Not undone    1 × test.mark on web1"))
    #expect(desk.text.contains("Unknown       1 × test.mark on web2"))
    #expect(desk.text.contains("Direction     "))
    #expect(try await desk.journal.runs().count == 1)
  }

  @Test func `the direction that leaves fewer bad hosts is named`() async throws {
    let body = "job:each({ 'w1', 'w2', 'w3', 'w4' }, { name = 'all', budget = 4 }, function(h) mark('on-' .. h, h) end)"
    stage.fleet.next("on-w4", .fail)
    let run = try await stage.desk().run(body)
    let desk = try await stage.desk(.ben, dry: true)
    _ = await desk.rollback(run.run)
    #expect(desk.text.contains("3 hosts carry the change and are healthy, 1 not: rolling back changes 3 healthy hosts"))
    #expect(desk.text.contains("fixing w4"))
    #expect(stage.fleet.written == ["on-w1": 1, "on-w2": 1, "on-w3": 1])
  }

  @Test func `hosts that a function of a step brings back carry the change`() async throws {
    let body = """
      job:each({ 'w1', 'w2' }, { name = 'all', undo = function() end }, function(h) mark('forever-' .. h, h) end)
      """
    let run = try await stage.desk().run(body)
    let desk = try await stage.desk(.ben, dry: true)
    _ = await desk.rollback(run.run)
    #expect(desk.text.contains("Direction     2 hosts carry the change and none is unhealthy; all are rolled back"))
    #expect(!desk.text.contains("Not undone"))
  }

  @Test func `a change that left everything as it was is not called not undone`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("mark('same-1', 'w1') mark('same-2', 'w2')")
    #expect(!desk.text.contains("Not undone"))
    let end = await desk.rollback(run.run)
    #expect(end.failure?.code == "run.nothing_to_undo")
    #expect(end.failure?.message.contains("nothing to undo in run \(run.run): 2 × test.mark on w[1-2]") == true)
    #expect(!desk.text.contains("Not undone"))
    #expect(desk.text.contains("As it was     2 × test.mark on w[1-2]: nothing to undo"))
    #expect(desk.text.contains("Direction     no host carries a change that can be undone"))
  }

  @Test func `a failed run of which nothing is left to undo says so and ends as it failed`() async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk()
    let end = try await desk.run("mark('same-1') job:step('b', function() mark('b') end)", "on_failure = 'rollback',")
    #expect(end.failure?.message == "b failed on web1")
    #expect(desk.text.contains("  nothing to undo in run \(end.run)"))
    #expect(try await desk.state(end.run) == .failed)
  }

  @Test func `an undo that fails stops the rollback, and resuming it goes on`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("for i = 1, 3 do job:step('s' .. i, function() mark('w' .. i) end) end")
    stage.fleet.next("undo-w2", .fail, .fail)
    let first = await desk.rollback(run.run)
    #expect(first.failure?.code == "rollback.failed")
    #expect(ExitCode(failure: first.failure ?? .cancelled) == .rollbackFailed)
    #expect(try await desk.state(run.run) == .rollbackFailed)
    #expect(stage.fleet.written["undo-w3"] == 1)
    let rollback = try #require(try await desk.journal.runs(RunFilter(kinds: [.rollback])).first)
    // The run itself does not go on while half of it is undone.
    #expect(await desk.resume(run.run).failure?.code == "run.finished")
    let again = await (try await stage.desk(.ben)).resume(rollback.id)
    #expect(again.failure?.code == "rollback.failed")
    // Asked for once more, the same rollback goes on.
    let third = await (try await stage.desk(.anna)).rollback(run.run)
    #expect(third.failure == nil)
    #expect(third.run == rollback.id)
    #expect(stage.fleet.written == ["w1": 1, "w2": 1, "w3": 1, "undo-w1": 1, "undo-w2": 1, "undo-w3": 1])
    #expect(try await desk.state(run.run) == .rolledBack)
  }

  @Test func `an undo function that fails can be tried again`() async throws {
    let body = "job:step('a', function() mark('a') end, { undo = function() mark('back') end })"
    let desk = try await stage.desk()
    let run = try await desk.run(body)
    stage.fleet.next("back", .fail)
    #expect(await desk.rollback(run.run).failure?.code == "rollback.failed")
    let second = await (try await stage.desk(.ben)).rollback(run.run)
    #expect(second.failure == nil)
    #expect(stage.fleet.written == ["a": 1, "back": 1])
  }

  @Test(arguments: [false, true])
  func `a rollback killed at any point ends like one that was not`(_ written: Bool) async throws {
    let body = """
      job:step('a', function() mark('a') end, { undo = function() mark('back-a') end })
      job:each({ 'web1', 'web2' }, { name = 'all' }, function(host) mark('b', host) end)
      job:step('c', function() mark('c') end)
      """
    let whole = Stage()
    let desk = try await whole.desk()
    let run = try await desk.run(body)
    let before = desk.database.writes
    #expect(await desk.rollback(run.run).failure == nil)
    let writes = desk.database.writes - before
    #expect(writes > 15)
    for point in stride(from: 0, to: writes, by: 2) {
      let stage = Stage()
      let desk = try await stage.desk()
      let run = try await desk.run(body)
      desk.database.die(after: point, after: written)
      _ = await desk.rollback(run.run)
      // The lease of the dead process runs out.
      stage.advance(by: 120)
      let next = try await stage.desk(.ben)
      if try await next.state(run.run) != .rolledBack {
        let end = await next.rollback(run.run)
        #expect(end.failure == nil, "at write \(point)")
      }
      #expect(stage.fleet.written == whole.fleet.written, "at write \(point)")
      #expect(try await next.state(run.run) == .rolledBack)
    }
  }

  @Test func `saying in between what became of a change does not undo others twice`() async throws {
    let body = """
      job:step('a', function() mark('a') end)
      job:step('b', function() mark('b', 'web2') end)
      job:step('c', function() mark('c') end)
      """
    stage.fleet.next("b", .lostAfter)
    stage.fleet.beDumb(true)
    let desk = try await stage.desk()
    let run = try await desk.run(body)
    #expect(run.failure?.code == "host.lost")
    stage.fleet.next("undo-a", .fail)
    #expect(await desk.rollback(run.run).failure?.code == "rollback.failed")
    let row = try #require(try await desk.journal.unresolved(run: run.run).first)
    try await desk.journal.resolve(run: run.run, key: row.key, isDone: false, reason: "looked")
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1, "undo-a": 1])
  }

  @Test func `a run with nothing to undo stays as it is`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('forever') end)")
    let end = await desk.rollback(run.run)
    #expect(end.failure?.code == "run.nothing_to_undo")
    #expect(end.failure?.hint?.contains("1 change stays") == true)
    #expect(try await desk.state(run.run) == .ok)
    #expect(try await desk.journal.runs().count == 1)
  }

  @Test func `a rollback is not rolled back`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('a') end)")
    let rollback = await desk.rollback(run.run)
    let end = await desk.rollback(rollback.run)
    #expect(end.failure?.code == "run.finished")
    #expect(end.failure?.message.contains("is itself a rollback") == true)
    #expect(await desk.resume(rollback.run).failure?.hint == nil)
  }

  @Test func `what a run marked bad is offered again once the run is undone`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('image-back-v1') end)")
    try await desk.journal.markBad(digest: "sha256:v2", image: "v2", run: run.run, reason: "slow")
    try await desk.journal.markBad(digest: "sha256:v3", image: "v3", run: "", reason: "typed")
    #expect(await desk.rollback(run.run).failure == nil)
    #expect(try await desk.journal.badReleases().map(\.image) == ["v3"])
    #expect(desk.text.contains("  v2 (sha256:v2), which it had marked bad, can be deployed again"))
  }

  @Test func `the runbook's own undo is what is planned and done`() async throws {
    let source = """
      return { version = '1.0.0', effects = { 'changes' },
        run = function(job) job:step('a', function() mark('a') mark('forever') end) end,
        undo = function(job, args) job:step('back', function() mark('mine', 'web7') end) end }
      """
    let first = try await stage.desk()
    let run = try await first.start(source)
    let desk = try await stage.desk(.ben, answers: ["1", "abort"], yes: false)
    stage.fleet.next("mine", .fail)
    #expect(await desk.rollback(run.run, isConfirmed: false).failure?.code == "rollback.failed")
    #expect(desk.text.contains("by the runbook's own undo: 1 × test.mark on web7"))
    #expect(desk.text.contains("Direction     1 host carries the change"))
    #expect(!desk.text.contains("Not undone"))
    let second = await desk.rollback(run.run)
    #expect(second.failure == nil)
    #expect(stage.fleet.written == ["a": 1, "forever": 1, "mine": 1])
  }

  @Test func `a hold that was given back is not given back again`() async throws {
    let body = """
      do
        local held <close> = job:hold('h', function() mark('take') end, function() mark('give') end)
        job:step('a', function() mark('a') end)
      end
      """
    let run = try await stage.desk().run(body)
    let end = await (try await stage.desk(.ben)).rollback(run.run)
    #expect(end.failure == nil)
    #expect(stage.fleet.written["give"] == 1)
  }

  @Test func `a runbook that tries again and again is walked through once`() async throws {
    let body = """
      local n, ok = 0, false
      repeat
        n = n + 1
        ok = pcall(job.step, job, 'try ' .. n, function() mark('a') end)
      until ok
      job:step('b', function() mark('b') end)
      """
    stage.fleet.next("a", .fail, .fail)
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "b@web1" { desk.database.die(after: 0) } }
    let run = try await desk.run(body)
    stage.fleet.onWrite(nil)
    let end = await (try await stage.desk(.ben)).rollback(run.run)
    #expect(end.failure == nil)
    // The change that was in flight did happen.
    #expect(stage.fleet.written == ["a": 1, "b": 1, "undo-a": 1, "undo-b": 1])
  }

  @Test(arguments: [false, true])
  func `a policy of rollback undoes a failed run`(_ isPerStep: Bool) async throws {
    stage.fleet.next("b", .fail)
    let option = isPerStep ? ", { on_failure = 'rollback' }" : ""
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end\(option))",
      isPerStep ? "" : "on_failure = 'rollback',"
    )
    #expect(end.failure?.code == "run.rolled_back")
    #expect(ExitCode(failure: end.failure ?? .cancelled) == .rolledBack)
    #expect(stage.fleet.written == ["a": 1, "undo-a": 1])
    #expect(try await desk.state(end.run) == .rolledBack)
  }

  @Test func `a policy of rollback leaves alone what a runbook caught`() async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:step('a', function() mark('a') end) pcall(job.step, job, 'b', function() mark('b') end)",
      "on_failure = 'rollback',"
    )
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test func `a policy of rollback with nothing to undo tells why the run failed`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk()
    let end = try await desk.run("job:step('a', function() mark('a') end)", "on_failure = 'rollback',")
    #expect(end.failure?.code == "test.failed")
    #expect(try await desk.state(end.run) == .failed)
  }
}

import Foundation
import Journal
import OpshTesting
import PrimitiveKit
import Testing

struct ResumeTests {
  let stage = Stage()

  @Test func `finished steps are not done again`() async throws {
    let body = """
      local a = job:step('a', function() return mark('a') end)
      job:step('b', function() return mark('b') end)
      return a
      """
    stage.fleet.next("b", .fail)
    let first = try await stage.desk().run(body)
    #expect(first.failure?.code == "test.failed")
    let desk = try await stage.desk(.ben)
    let second = await desk.resume(first.run)
    #expect(second.failure == nil)
    #expect(second.value == .string("a, 1"))
    #expect(stage.fleet.written == ["a": 1, "b": 1])
    #expect(try await desk.state(first.run) == .ok)
  }

  @Test func `an error that the runbook caught is the same error again`() async throws {
    let body = """
      local ok, problem = pcall(job.step, job, 'a', function() mark('a') end)
      job:step('b', function() mark('b') end)
      return { ok, problem and problem.code }
      """
    stage.fleet.next("a", .fail)
    stage.fleet.next("b", .fail)
    let first = try await stage.desk().run(body)
    #expect(first.failure?.code == "test.failed")
    let second = await (try await stage.desk(.ben)).resume(first.run)
    #expect(second.value == .array([.bool(false), .string("test.failed")]))
    #expect(stage.fleet.written == ["b": 1])
  }

  @Test func `an error that a step caught inside is the same error again`() async throws {
    let body = """
      return job:step('outer', function(job)
        local ok = pcall(job.step, job, 'a', function() mark('a') end)
        job:step('b', function() mark('b') end)
        return ok
      end)
      """
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk()
    // The process dies while b is done.
    stage.fleet.onWrite { if $0 == "b@web1" { desk.database.die(after: 0) } }
    let first = try await desk.run(body)
    #expect(first.failure?.code == "journal.full")
    stage.fleet.onWrite(nil)
    let second = await (try await stage.desk(.ben)).resume(first.run)
    #expect(second.value == .bool(false))
    #expect(stage.fleet.written == ["b": 1])
  }

  @Test func `a step that was left out stays out`() async throws {
    let body = """
      local a = job:step('a', function() mark('a') end, { on_failure = 'skip' })
      job:step('b', function() mark('b') end)
      return a == nil
      """
    stage.fleet.next("a", .fail)
    stage.fleet.next("b", .fail)
    let first = try await stage.desk().run(body)
    #expect(first.failure?.code == "test.failed")
    let second = await (try await stage.desk(.ben)).resume(first.run)
    #expect(second.value == .bool(true))
    #expect(stage.fleet.written == ["b": 1])
  }

  @Test func `a step that was open goes on where it was`() async throws {
    let body = "job:step('a', function() mark('a1') mark('a2') mark('a3') end)"
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "a2@web1" { desk.database.die(after: 0) } }
    let first = try await desk.run(body)
    #expect(first.failure?.code == "journal.full")
    #expect(stage.fleet.written == ["a1": 1, "a2": 1])
    stage.fleet.onWrite(nil)
    let second = await (try await stage.desk(.ben)).resume(first.run)
    #expect(second.failure == nil)
    #expect(stage.fleet.written == ["a1": 1, "a2": 1, "a3": 1])
    let rows = try await desk.journal.operations(of: first.run)
    #expect(rows.map(\.isAdopted) == [false, true, false])
  }

  @Test(arguments: [false, true])
  func `a run killed at any point ends like one that was not`(_ written: Bool) async throws {
    let body = """
      local log = {}
      for i = 1, 4 do
        log[#log + 1] = job:step('s' .. i, function(job)
          local here = mark('a' .. i)
          job:step('in', function() return mark('b' .. i) end)
          return here
        end)
      end
      pcall(job.step, job, 'caught', function() error('no') end)
      local done = job:each({ 'web1', 'web2', 'web3' }, { name = 'all' }, function(host) return mark('c', host) end)
      do
        local held <close> = job:hold('h', function() mark('take') end, function() mark('give') end)
        log[#log + 1] = math.random(1000)
      end
      job:note('nearly')
      log[#log + 1] = os.time()
      job:confirm('sure?', 'yes')
      return { log[1], done.results.web2, log[6] == os.time() }
      """
    let whole = Stage()
    let desk = try await whole.desk()
    let before = desk.database.writes
    let straight = try await desk.run(body)
    #expect(straight.failure == nil)
    let writes = desk.database.writes - before
    #expect(writes > 60)
    // Every point once, in one of the two ways to die there.
    for point in stride(from: written ? 1 : 0, to: writes, by: 2) {
      let stage = Stage()
      let desk = try await stage.desk()
      desk.database.die(after: point, after: written)
      let first = try await desk.run(body)
      let runs = try await desk.journal.runs()
      // Before its first record there is no run, and from then on one that can be resumed.
      guard let run = runs.first else {
        #expect(stage.fleet.written.isEmpty)
        continue
      }
      if run.state != .ok {
        stage.advance(by: 5)
        let second = await (try await stage.desk(.ben)).resume(run.id)
        #expect(second.failure == nil, "at write \(point)")
      } else {
        #expect(first.failure == nil || first.failure?.isOfJournal == true)
      }
      #expect(stage.fleet.written == whole.fleet.written, "at write \(point)")
      #expect(try await desk.journal.verify().problems.isEmpty)
      #expect(try await desk.state(run.id) == .ok)
    }
  }

  @Test func `time and randomness are the same again`() async throws {
    let body = """
      local seen = { os.time(), math.random(), math.random(1, 1000000), os.date('!%H:%M') }
      job:step('a', function() mark('a') end)
      return { seen[1], seen[2], seen[3], seen[4] }
      """
    stage.fleet.next("a", .fail)
    let whole = Stage()
    let straight = try await whole.desk().run(body)
    let first = try await stage.desk().run(body)
    #expect(first.failure != nil)
    stage.advance(by: 3600)
    let second = await (try await stage.desk(.ben)).resume(first.run)
    #expect(second.value == straight.value)
  }

  @Test func `a failed run can be tried again until it is well`() async throws {
    let body = "job:step('a', function() mark('a') end)"
    stage.fleet.next("a", .fail, .fail, .fail)
    var end = try await stage.desk().run(body)
    let run = end.run
    for _ in 0..<3 {
      #expect(end.failure?.code == "test.failed")
      end = await (try await stage.desk(.ben)).resume(run)
    }
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test func `a change outside of steps that ended a run is tried again`() async throws {
    let body = "mark('a') pcall(mark, 'odd') mark('b') return 'well'"
    stage.fleet.next("odd", .fail)
    stage.fleet.next("b", .fail, .fail)
    let first = try await stage.desk().run(body)
    #expect(first.failure?.code == "test.failed")
    #expect(await (try await stage.desk(.ben)).resume(first.run).failure?.code == "test.failed")
    let third = await (try await stage.desk(.anna)).resume(first.run)
    #expect(third.value == .string("well"))
    #expect(stage.fleet.written == ["a": 1, "b": 1])
  }

  @Test func `a run killed after a step failed can still be tried again`() async throws {
    let body = "job:step('a', function() mark('a') end)"
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk()
    let other = Stage()
    let whole = try await other.desk()
    let before = whole.database.writes
    _ = try await whole.run(body)
    let count = whole.database.writes - before
    #expect(count > 0)
    withExtendedLifetime(other) {}
    // The end of the failed step is the last that is written.
    stage.fleet.onWrite { _ in desk.database.die(after: 2) }
    let first = try await desk.run(body)
    stage.fleet.onWrite(nil)
    #expect(try await desk.journal.steps(of: first.run).map(\.state) == [.failed])
    let second = await (try await stage.desk(.ben)).resume(first.run)
    #expect(second.failure?.code == "test.failed")
    let third = await (try await stage.desk(.anna)).resume(first.run)
    #expect(third.failure == nil)
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test func `a finished run is not resumed`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run("job:step('a', function() mark('a') end)")
    let again = await desk.resume(end.run)
    #expect(again.failure?.code == "run.finished")
    #expect(again.failure?.hint?.contains("rollback") == true)
    #expect(await desk.resume("nonsense").failure?.code == "run.not_found")
  }

  @Test func `a run that wrote no plan down is over once somebody looks at it`() async throws {
    let desk = try await stage.desk(.ben)
    let source = Desk.book("mark('a')")
    let reference = RunbookReference(
      name: "test",
      version: "1.0.0",
      sha256: desk.journal.texts.intern(source),
      path: "test.lua"
    )
    try await desk.journal.begin(
      RunHeader(id: "bare", name: "test", kind: .runbook, identity: .anna, runbook: reference)
    )
    #expect(try await desk.state("bare") == .interrupted)
    let end = await desk.resume("bare")
    #expect(end.failure?.code == "run.differs")
    #expect(end.failure?.hint == "start it again")
    #expect(try await desk.state("bare") == .cancelled)
    #expect(await desk.resume("bare").failure?.code == "run.finished")
  }

  @Test func `a resume takes the bytes the run began with`() async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk()
    let first = try await desk.run("job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)")
    try "return {}".write(toFile: "\(stage.directory)/test.lua", atomically: true, encoding: .utf8)
    let second = await (try await stage.desk(.ben)).resume(first.run)
    #expect(second.failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1])
  }

  @Test func `a change in doubt is looked for, not repeated, when its step is tried again`() async throws {
    stage.fleet.next("a", .lostAfter)
    let first = try await stage.desk().run("return job:step('s', function() return mark('a') end)")
    #expect(first.failure?.code == "host.lost")
    let desk = try await stage.desk(.ben)
    #expect(try await desk.state(first.run) == .unknown)
    let second = await desk.resume(first.run)
    #expect(second.failure == nil)
    #expect(second.value == .string("a, found"))
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test(
    arguments: [
      "job:step('s', function() pcall(mark, 'a') end)", "pcall(job.step, job, 's', function() mark('a') end)",
      "job:step('out', function(job) job:step('in', function() pcall(mark, 'a') end) end)",
    ],
    [true, false]
  )
  func `a change in doubt that the runbook did not mind is looked for on resume`(_ step: String, _ isDone: Bool)
    async throws
  {
    stage.fleet.next("a", isDone ? .lostAfter : .lostBefore)
    let first = try await stage.desk().run("\(step) job:step('t', function() mark('b') end) return 1")
    #expect(first.exitCode == .unknownOutcomes)
    let desk = try await stage.desk(.ben)
    stage.fleet.beDumb(true)
    #expect(await desk.resume(first.run).exitCode == .unknownOutcomes)
    #expect(try await desk.journal.unresolved(run: first.run).count == 1)
    stage.fleet.beDumb(false)
    let again = try await stage.desk(.anna)
    let second = await again.resume(first.run)
    #expect(second.failure == nil)
    #expect(second.exitCode == .ok)
    #expect(second.value == .int(1))
    #expect(again.text.contains("write a on web1: \(isDone ? "it happened" : "it did not happen")"))
    #expect(try await desk.state(first.run) == .ok)
    #expect(try await desk.journal.operations(of: first.run).map(\.state) == [isDone ? .done : .notDone, .done])
    #expect(stage.fleet.written == (isDone ? ["a": 1, "b": 1] : ["b": 1]))
    #expect(try await desk.journal.verify().isIntact)
  }

  @Test func `a step that may be tried again looks for its changes itself`() async throws {
    stage.fleet.next("a", .lostAfter)
    let body = """
      pcall(job.step, job, 's', function() pcall(mark, 'a') error('within') end)
      job:step('t', function()
        if look('live') == 'yes' and look('go') ~= 'yes' then error('after it') end
      end)
      """
    let run = try await stage.desk().run(body).run
    let desk = try await stage.desk(.ben)
    #expect(await desk.resume(run).failure != nil)
    #expect(try await desk.journal.unresolved(run: run).map(\.summary) == ["write a on web1"])
    stage.fleet.set("go", "yes")
    #expect(await (try await stage.desk(.anna)).resume(run).failure == nil)
    #expect(try await desk.state(run) == .ok)
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test func `a retry looks for a change in doubt before it sends it again`() async throws {
    stage.fleet.next("a", .lostAfter)
    let desk = try await stage.desk()
    let end = try await desk.run("return job:step('s', function() return mark('a') end, { retry = 2 })")
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["a": 1])
    #expect(try await desk.journal.unresolved(run: end.run).isEmpty)
  }

  @Test func `a retry of a change that did not happen sends it`() async throws {
    stage.fleet.next("a", .lostBefore)
    let desk = try await stage.desk()
    let end = try await desk.run("return job:step('s', function() return mark('a') end, { retry = 2 })")
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["a": 1])
    #expect(try await desk.journal.unresolved(run: end.run).isEmpty)
  }
}

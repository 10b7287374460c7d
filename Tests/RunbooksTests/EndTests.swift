import Journal
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Runbooks
@testable import Runs

/// How runs end: state, exit code, and what is left for the next process.
struct EndTests {
  let stage = Stage()

  @Test(arguments: [
    ("'failed', 'halted', 2", RunState.halted, ExitCode.budgetBreached),
    ("'unavailable'", .failed, .unreachableBudget),
    // Nothing that was sent is without its outcome.
    ("'unknown_outcome'", .failed, .failuresWithinBudget),
    ("'invalid'", .failed, .dataInvalid),
    // Something had begun.
    ("'refused'", .interrupted, .interrupted),
    ("'refused', 'lock_lost'", .interrupted, .interrupted),
    ("'journal'", .interrupted, .interrupted),
    ("'cancelled', 'interrupted', 5", .interrupted, .interrupted),
    ("'failed', nil, 2", .failed, .budgetBreached),
    ("'defect'", .failed, .internalError),
  ])
  func `every kind of failure has its state and its exit code`(
    _ kind: String,
    _ state: RunState,
    _ exit: ExitCode
  ) async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:step('a', function() mark('a') end) if look('live') == 'yes' then fail('a.b', 'it failed', \(kind)) end"
    )
    #expect(end.failure?.code == "a.b")
    let header = try await desk.journal.run(end.run)
    #expect(header.state == state)
    #expect(header.exitCode == Int(exit.rawValue))
    #expect(header.endedAt != nil)
    #expect(header.stateReason == "it failed")
  }

  @Test(arguments: [
    ("", RunState.failed, ExitCode.lockRefused),
    ("job:step('look', function() return look('x') end) ", .interrupted, .interrupted),
  ])
  func `a run that is refused is refused with nothing started only where nothing was`(
    _ before: String,
    _ state: RunState,
    _ exit: ExitCode
  ) async throws {
    let desk = try await stage.desk(admission: Meanwhile { [fleet = stage.fleet] in fleet.set("gate", "shut") })
    let end = try await desk.run(
      before + "job:step('a', function() if look('gate') == 'shut' then "
        + "fail('gate.refused', 'shut', 'refused') end mark('a') end)"
    )
    #expect(end.failure?.code == "gate.refused")
    #expect(end.failure.map(ExitCode.init(failure:)) == exit)
    let header = try await desk.journal.run(end.run)
    #expect(header.state == state && header.exitCode == Int(exit.rawValue))
    stage.fleet.set("gate", "open")
    #expect(await (try await stage.desk(.ben)).resume(end.run).failure == nil)
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test(arguments: [
    ("'failed', 'halted', 2", ExitCode.unknownOutcomes), ("'failed'", .unknownOutcomes),
    ("'refused'", .unknownOutcomes), ("'defect'", .internalError),
  ])
  func `an outcome that nobody knows comes before what ended the run, but for a defect`(
    _ kind: String,
    _ exit: ExitCode
  ) async throws {
    stage.fleet.beDumb(true)
    stage.fleet.next("a", .lostAfter)
    let desk = try await stage.desk()
    let end = try await desk.run("pcall(mark, 'a') if look('live') == 'yes' then fail('a.b', 'it failed', \(kind)) end")
    #expect(end.failure?.code == "a.b")
    #expect(end.failure.map(ExitCode.init(failure:)) == exit)
    let header = try await desk.journal.run(end.run)
    #expect(header.state == .unknown && header.exitCode == Int(exit.rawValue))
  }

  @Test func `a run cancelled in the middle says how to go on with it`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:step('a', function() mark('a') end) if look('live') == 'yes' then fail('call.cancelled', 'cancelled', 'cancelled', 'cancelled') end"
    )
    #expect(end.failure == .interrupted(end.run))
    let header = try await desk.journal.run(end.run)
    #expect(header.state == .interrupted)
    #expect(header.exitCode == Int(ExitCode.interrupted.rawValue))
  }

  @Test func `an outcome that nobody knows is what the run ends with`() async throws {
    stage.fleet.beDumb(true)
    stage.fleet.next("a", .lostAfter)
    let desk = try await stage.desk()
    let end = try await desk.run("pcall(mark, 'a')")
    #expect(end.failure == nil)
    #expect(end.exitCode == .unknownOutcomes)
    #expect(try await desk.state(end.run) == .unknown)
    #expect(try await desk.journal.unresolved(run: nil).count == 1)
  }

  @Test func `Ctrl-C once lets what is in flight end and starts nothing new`() async throws {
    let desk = try await stage.desk()
    let interrupts = desk.interrupts
    #expect(interrupts.press() == false)
    stage.fleet.onWrite { word in
      guard word == "b@web1" else { return }
      #expect(interrupts.press())
      while await desk.engineRun()?.stopped == nil { await Task.yield() }
    }
    let end = try await desk.run(
      "for _, n in ipairs { 'a', 'b', 'c' } do job:step(n, function() mark(n) end) end"
    )
    #expect(end.failure?.code == "run.interrupted")
    #expect(stage.fleet.written == ["a": 1, "b": 1])
    #expect(try await desk.state(end.run) == .interrupted)
    #expect(try await desk.journal.run(end.run).exitCode == 5)
    stage.fleet.onWrite(nil)
    #expect(await (try await stage.desk(.ben)).resume(end.run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1, "c": 1])
  }

  @Test func `Ctrl-C cannot be caught, and steps without changes do not begin either`() async throws {
    let desk = try await stage.desk()
    let interrupts = desk.interrupts
    stage.fleet.onWrite { _ in
      _ = interrupts.press()
      while await desk.engineRun()?.stopped == nil { await Task.yield() }
    }
    let end = try await desk.run(
      """
      for _, n in ipairs { 'a', 'b' } do pcall(job.step, job, n, function() mark(n) end) end
      pcall(job.step, job, 'c', function() return look('x') end)
      return 'done'
      """
    )
    #expect(end.failure?.code == "run.interrupted")
    #expect(stage.fleet.written == ["a": 1])
    #expect(try await desk.journal.steps(of: end.run).map(\.path) == ["a"])
  }

  @Test func `Ctrl-C twice lets go of what is in flight`() async throws {
    let desk = try await stage.desk()
    let (interrupts, lua) = (desk.interrupts, desk.lua)
    stage.fleet.next("a", .wait)
    stage.fleet.onWrite { _ in
      _ = interrupts.press()
      lua.cancel()
    }
    let end = try await desk.run("pcall(job.step, job, 'a', function() mark('a') end) mark('b')")
    #expect(end.failure?.code == "run.detached")
    let header = try await desk.journal.run(end.run)
    #expect(header.state == .detached)
    #expect(header.exitCode == 5)
    #expect(try await desk.journal.unresolved(run: end.run).count == 1)
    #expect(stage.fleet.written.isEmpty)
  }

  @Test func `a run cancelled before anything began is not offered for resuming`() async throws {
    let desk = try await stage.desk()
    stage.fleet.set("slow", "yes")
    let end = try await desk.run(
      "if look('live') == 'no' and look('n') ~= 'x' then end fail('call.cancelled', 'cancelled', 'cancelled', 'cancelled')"
    )
    #expect(end.failure?.code == "call.cancelled")
    #expect(try await desk.journal.runs().isEmpty)
  }

  @Test func `a resumed run that is cancelled at once can be resumed again`() async throws {
    let body =
      "job:step('a', function() mark('a') end) if look('stop') == 'yes' then fail('call.cancelled', 'cancelled', 'cancelled', 'cancelled') end"
    stage.fleet.next("a", .fail)
    let run = try await stage.desk().run(body).run
    stage.fleet.set("stop", "yes")
    let desk = try await stage.desk(.ben)
    #expect(await desk.resume(run).failure == .interrupted(run))
    #expect(try await desk.state(run) == .interrupted)
    stage.fleet.set("stop", "no")
    #expect(await desk.resume(run).failure == nil)
  }

  @Test func `writes stop before the effect when the journal fails, and reads go on`() async throws {
    let desk = try await stage.desk()
    stage.fleet.onWrite { _ in desk.database.die(after: 1) }
    let end = try await desk.run(
      """
      local ok1 = pcall(mark, 'a')
      local ok2, problem = pcall(mark, 'b')
      stage = nil
      return look('still')
      """.replacing("stage = nil", with: "")
    )
    #expect(stage.fleet.written == ["a": 1])
    #expect(end.failure?.code == "journal.full")
    #expect(desk.text.contains("could not be recorded"))
    #expect(try await desk.journal.run(end.run).state == .interrupted)
  }

  @Test func `nothing begins without a journal`() async throws {
    let desk = try await stage.desk()
    desk.database.die(after: 0)
    let end = try await desk.run("mark('a')")
    #expect(end.failure?.code == "journal.full")
    #expect(stage.fleet.written.isEmpty)
  }

  @Test func `a plan is made although the journal cannot be written`() async throws {
    let desk = try await stage.desk()
    desk.database.die(after: 0)
    let end = try await desk.plan("mark('a')")
    #expect(end.failure == nil)
    #expect(end.plan?.operations.count == 1)
  }

  @Test func `a run that lost its lock starts nothing new`() async throws {
    let desk = try await stage.desk()
    stage.fleet.onWrite { word in
      if word == "a@web1" { stage.advance(by: 61) }
    }
    let end = try await desk.run(
      "job:step('a', function() mark('a') end) pcall(job.step, job, 'b', function() mark('b') end)",
      "lock = 'host/web1',"
    )
    #expect(end.failure?.code == "lock.lost")
    #expect(stage.fleet.written == ["a": 1])
    let header = try await desk.journal.run(end.run)
    #expect(header.state == .interrupted)
    #expect(header.exitCode == Int(ExitCode.interrupted.rawValue))
    stage.fleet.onWrite(nil)
    let end2 = await (try await stage.desk(.ben)).resume(end.run)
    #expect(end2.failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1])
    #expect(try await desk.journal.run(end.run).epoch ?? 0 > header.epoch ?? 0)
  }

  @Test func `a lock that somebody holds keeps a run from beginning`() async throws {
    let desk = try await stage.desk()
    let other = try await stage.desk(.ben)
    let codes = Mutex<[String?]>([])
    stage.fleet.onWrite { _ in
      let code = try? await other.run("mark('x')", "lock = 'host/web1',").failure?.code
      codes.withLock { $0.append(code) }
    }
    #expect(try await desk.run("mark('a')", "lock = 'host/web1',").failure == nil)
    #expect(codes.withLock { $0 } == ["lock.refused"])
    #expect(try await desk.journal.runs().count == 1)
  }

  @Test func `a wrong word in the middle stops the run, and a resume asks again`() async throws {
    let body = "job:step('a', function() mark('a') end) job:confirm('really?', 'yes') mark('b')"
    let desk = try await stage.desk(answers: ["1", "no"], yes: false)
    let end = try await desk.run(body)
    #expect(end.failure?.code == "run.declined")
    #expect(end.failure?.hint?.contains("resume(\"\(end.run)\")") == true)
    #expect(end.failure.map(ExitCode.init(failure:)) == .interrupted)
    #expect(try await desk.state(end.run) == .interrupted)
    #expect(stage.fleet.written == ["a": 1])
    let second = try await stage.desk(.ben, answers: ["yes"], yes: false)
    #expect(await second.resume(end.run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1])
    #expect(try await desk.journal.question(run: end.run, id: "confirm 5a8cf89d")?.answer ?? "yes" == "yes")
  }

  @Test(arguments: [
    "job:confirm('really?', 'yes')", "job:step('ask', function(job) job:confirm('really?', 'yes') end)",
  ])
  func `a wrong word leaves the run to be resumed wherever it is asked for`(body: String) async throws {
    let desk = try await stage.desk(answers: ["no"], yes: false)
    let end = try await desk.run(body)
    #expect(end.failure?.code == "run.declined")
    #expect(try await desk.state(end.run) == .interrupted)
    let second = try await stage.desk(.ben, answers: ["no", "yes"], yes: false)
    #expect(await second.resume(end.run).failure?.code == "run.declined")
    #expect(await second.resume(end.run).failure == nil)
    #expect(try await desk.state(end.run) == .ok)
  }

  @Test func `a right word is not asked for again`() async throws {
    let body = "job:confirm('really?', 'yes') job:step('a', function() mark('a') end)"
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk(answers: ["1", "yes", "abort"], yes: false)
    let run = try await desk.run(body).run
    #expect(await (try await stage.desk(.ben, yes: false)).resume(run).failure == nil)
  }

  @Test func `in batch a confirmation needs --yes`() async throws {
    let none = try await stage.desk(yes: false).run("job:confirm('really?', 'yes')")
    #expect(none.failure?.code == "prompt.not_interactive")
    let yes = try await stage.desk(yes: true).run("job:confirm('really?', 'yes') return 1")
    #expect(yes.value == .int(1))
  }

  @Test func `verify gets what run answered and what check found`() async throws {
    let source = """
      return { version = '1.0.0', effects = { 'changes' },
        check = function() return { seen = look('seen') } end,
        run = function(job) job:step('a', function() mark('a') end) return 7 end,
        verify = function(job, args, value, found) return value == 7 and found.seen == 'yes' end }
      """
    stage.fleet.set("seen", "yes")
    #expect(try await stage.desk().start(source).failure == nil)
  }

  @Test func `a verify that says no fails the run`() async throws {
    let source = """
      return { version = '1.0.0', effects = { 'changes' },
        run = function(job) job:step('a', function() mark('a') end) return 7 end,
        verify = function(job, args, value) return value == look('seven') end }
      """
    let desk = try await stage.desk()
    let end = try await desk.start(source)
    #expect(end.failure?.code == "runbook.verify")
    #expect(try await desk.state(end.run) == .failed)
  }

  @Test func `a skipped step leaves the run partial, with its reason, and a resumed one ends alike`() async throws {
    stage.fleet.next("a", .fail)
    let body = """
      job:step('a', function() mark('a') end, { on_failure = 'skip' })
      job:step('b', function() mark('b') end)
      """
    let desk = try await stage.desk()
    let end = try await desk.run(body)
    #expect(end.failure == nil && end.exitCode == .failuresWithinBudget)
    let header = try await desk.journal.run(end.run)
    #expect(header.state == .partial && header.exitCode == 1)
    #expect(header.stateReason == "step 'a' was skipped: a failed on web1")
    #expect(desk.text.contains("run \(end.run): partial, 1 change, 1 failed in "))
    #expect(desk.text.contains("exit code 1: step 'a' was skipped: a failed on web1"))
    stage.fleet.next("a", .fail)
    stage.fleet.next("b", .fail)
    let second = try await stage.desk(.ben)
    let broken = try await second.run(body)
    #expect(broken.failure != nil)
    let resumed = await (try await stage.desk()).resume(broken.run)
    #expect(resumed.failure == nil && resumed.exitCode == .failuresWithinBudget)
    let ended = try await second.journal.run(broken.run)
    #expect(ended.state == .partial && ended.stateReason == header.stateReason)
  }

  @Test func `a run that failed says in its last line what it did and what to type`() async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk()
    let end = try await desk.run("job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)")
    #expect(end.failure != nil)
    let line = desk.text.split(separator: "\n").last { $0.hasPrefix("run \(end.run): ") }
    #expect(line?.hasPrefix("run \(end.run): failed, 1 change, 1 failed in ") == true, "\(line ?? "-")")
    #expect(
      line?.hasSuffix("; `opsh resume \(end.run)` continues it, `opsh rollback \(end.run)` undoes it") == true,
      "\(line ?? "-")"
    )
    let steps = try await desk.journal.endedSteps(of: end.run)
    #expect(steps.last?.state == .failed && steps.last?.failure?.message == "b failed on web1")
    let event = (desk.dialogue as? RecordingDialogue)?.all.contains { shown in
      guard case .event(let event) = shown else { return false }
      return event.name == "run.end" && event.fields["state"] == .string("failed")
        && event.fields["reason"] == .string("b failed on web1")
    }
    #expect(event == true)
  }

  @Test func `a run that is rolled back at once offers nothing else`() async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk()
    var start = RunbookStart()
    start.onFailure = .rollback
    let body = "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)"
    let end = try await desk.run(body, "", start)
    #expect(end.failure?.code == "run.rolled_back")
    #expect(!desk.text.contains("opsh resume"))
    #expect(desk.text.contains("run \(end.run): failed, "))
  }

  private var rollingBack: RunbookStart {
    var start = RunbookStart()
    start.onFailure = .rollback
    return start
  }

  @Test func `a run whose rollback cannot begin is left to be rolled back, and says how`() async throws {
    let desk = try await stage.desk()
    // Once the run has failed, its host is gone.
    stage.fleet.next("b", .fail)
    stage.fleet.onWrite { [fleet = stage.fleet] word in if word == "b@web1" { fleet.beSilent("web1") } }
    let body = "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)"
    let end = try await desk.run(body, "", rollingBack)
    #expect(end.failure?.code == "rollback.not_begun", "\(end)")
    #expect(end.failure.map(ExitCode.init(failure:)) == .rollbackFailed)
    #expect(end.failure?.message.hasPrefix("run \(end.run) failed and could not be rolled back: ") == true)
    #expect(end.failure?.hint?.hasSuffix("rollback(\"\(end.run)\") tries again") == true, "\(end.failure?.hint ?? "")")
    let header = try await desk.journal.run(end.run)
    #expect(header.state == .rollbackFailed && header.exitCode == 8)
    #expect(header.stateReason?.hasPrefix("b failed on web1; not rolled back: ") == true, "\(header.stateReason ?? "")")
    stage.fleet.onWrite(nil)
    stage.fleet.beSilent()
    #expect(await (try await stage.desk(.ben)).rollback(end.run).failure == nil)
    #expect(try await desk.state(end.run) == .rolledBack)
  }

  @Test func `a run with nothing to roll back ends as it failed, and says how to go on`() async throws {
    let desk = try await stage.desk(admission: Meanwhile { [fleet = stage.fleet] in fleet.set("x", "bad") })
    let end = try await desk.run(
      "job:step('a', function() if look('x') == 'bad' then fail('a.b', 'it failed', 'failed', nil, 2) end mark('a') end)",
      "",
      rollingBack
    )
    #expect(end.failure?.code == "a.b")
    #expect(end.failure.map(ExitCode.init(failure:)) == .budgetBreached)
    #expect(end.failure?.hint == "resume(\"\(end.run)\") continues it")
    #expect(try await desk.journal.run(end.run).exitCode == 2)
  }

  @Test func `a run that went well ends with one line and nothing to do`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run("mark('a') mark('same-1')")
    let line = desk.text.split(separator: "\n").last
    #expect(line?.contains(/^run [-0-9a-f]+: ok, 1 change in [0-9.]+ s, exit code 0$/) == true, "\(line ?? "-")")
    #expect(end.exitCode == .ok)
  }
}

import Foundations
import Journal
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Runbooks
@testable import Runs

/// What waits: `job:wait`, timeouts, pauses between attempts, questions that nobody answers.
struct WaitTests {
  let stage = Stage()

  @Test(arguments: [(0.2, "0 s"), (119, "119 s"), (120, "2 min"), (760.4, "12 min 40 s")])
  func `a duration reads as a person says it`(_ seconds: Double, _ words: String) {
    #expect(Duration.seconds(seconds).words == words)
  }

  @Test func `a wait looks again until the probe says yes and keeps saying so`() async throws {
    let clock = ManualClock()
    let desk = try await stage.desk(clock: clock)
    let fleet = stage.fleet
    let end = try await lettingTimePass(clock) { [desk] in
      let flip = Task {
        for answer in ["no", "yes", "no", "yes"] {
          fleet.set("probe", answer)
          let now = clock.now
          while clock.now.offset - now.offset < .seconds(5) { await Task.yield() }
        }
      }
      defer { flip.cancel() }
      return try await desk.run(
        "return job:wait('it', 300, function() return look('probe') == 'yes' and 'there' end, { settle = 10 })"
      )
    }
    #expect(end.failure == nil)
    #expect(end.value == .string("there"))
  }

  @Test func `a wait that comes to nothing says what it saw last`() async throws {
    let clock = ManualClock()
    let dialogue = RecordingDialogue()
    let desk = try await stage.desk(dialogue: dialogue, clock: clock)
    let end = try await lettingTimePass(clock) { [desk] in
      try await desk.run("job:wait('the bots to log in', '2m', function() return false end, { every = 10 })")
    }
    #expect(end.failure?.code == "job.deadline")
    #expect(end.failure?.message == "the bots to log in: not reached within 2 min; the last check returned false")
    #expect(clock.now.offset >= .seconds(120))
    let shown = dialogue.lines.map(\.plain)
    #expect(shown.contains("waiting for the bots to log in: 20 s of at most 2 min"), "\(shown)")
    #expect(dialogue.all.last { if case .progress = $0 { true } else { false } } == .progress(nil))
  }

  @Test func `a probe that fails is looked at again`() async throws {
    let clock = ManualClock()
    let desk = try await stage.desk(clock: clock)
    let end = try await lettingTimePass(clock) { [desk] in
      try await desk.run("job:wait('it', 60, function() fail('host.unreachable', 'no route') end)")
    }
    #expect(end.failure?.code == "job.deadline")
    #expect(end.failure?.message.contains("the last check returned no route") == true)
  }

  @Test func `what a probe notes counts for nothing, then and when the run is resumed`() async throws {
    let body = """
      job:wait('it', 60, function() tolerate() return look('up') == 'yes' end)
      job:step('end', function() mark('end') end)
      """
    stage.fleet.set("up", "yes")
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "end@web1" { desk.database.die(after: 0) } }
    let run = try await desk.run(body).run
    #expect(try await desk.journal.replay(of: run).reads.keys.contains { $0.hasSuffix("/noted") } == false)
    stage.fleet.onWrite(nil)
    let end = await (try await stage.desk(.ben)).resume(run)
    #expect(end.failure == nil && end.exitCode == .ok, "\(end)")
    #expect(try await desk.state(run) == .ok)
  }

  @Test func `a probe changes nothing`() async throws {
    let clock = ManualClock()
    let desk = try await stage.desk(clock: clock)
    let end = try await lettingTimePass(clock) { [desk] in
      try await desk.run("job:wait('it', 10, function() return mark('a') end)")
    }
    #expect(end.failure?.message.contains("but the probe of 'it' allows only 'reads'") == true)
    #expect(stage.fleet.written.isEmpty)
  }

  @Test func `Ctrl-C ends a wait`() async throws {
    let clock = ManualClock()
    let desk = try await stage.desk(clock: clock)
    let end = try await lettingTimePass(clock) { [desk] in
      let press = Task {
        while !desk.interrupts.press() { await Task.yield() }
      }
      defer { press.cancel() }
      return try await desk.run("job:wait('it', 1000000, function() return false end)")
    }
    #expect(end.failure?.code == "run.interrupted")
    #expect(try await desk.state(end.run) == .interrupted)
  }

  @Test func `a plan does not wait`() async throws {
    let desk = try await stage.desk(clock: ManualClock())
    let end = try await desk.plan("if job:wait('it', 10, function() return false end) then mark('a') end")
    #expect(end.plan?.operations.count == 1)
  }

  @Test func `attempts are made with a pause between`() async throws {
    let clock = ManualClock()
    let desk = try await stage.desk(clock: clock)
    stage.fleet.next("a", .fail, .fail)
    let end = try await lettingTimePass(clock) { [desk] in
      try await desk.run("job:step('a', function() mark('a') end, { retry = { attempts = 3, pause = 30 } })")
    }
    #expect(end.failure == nil)
    #expect(clock.now.offset >= .seconds(60))
    #expect(try await desk.journal.steps(of: end.run).first?.attempt == 3)
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test func `attempts that are used up fail with the last failure`() async throws {
    stage.fleet.next("a", .fail, .fail, .fail)
    let desk = try await stage.desk()
    let end = try await desk.run("job:step('a', function() mark('a') end, { retry = 2 })")
    #expect(end.failure?.code == "test.failed")
    #expect(try await desk.journal.operations(of: end.run).map(\.step) == ["a", "a~2", "a~3"])
  }

  @Test func `attempts made before a crash are not made again`() async throws {
    stage.fleet.next("a", .fail, .fail, .fail, .fail, .fail)
    let desk = try await stage.desk()
    let count = Mutex(0)
    stage.fleet.onWrite { _ in
      if count.withLock({
        $0 += 1; return $0 == 2
      }) {
        desk.database.die(after: 0)
      }
    }
    let run = try await desk.run("job:step('a', function() mark('a') end, { retry = 2 })").run
    stage.fleet.onWrite(nil)
    let end = await (try await stage.desk(.ben)).resume(run)
    #expect(end.failure?.code == "test.failed")
    let attempts = try await desk.journal.operations(of: run).map(\.step)
    #expect(attempts == ["a", "a~2", "a~3"])
  }

  @Test func `a step that takes too long fails`() async throws {
    let clock = ManualClock()
    let desk = try await stage.desk(clock: clock)
    stage.fleet.next("a", .wait)
    stage.fleet.onWrite { _ in
      await clock.sleepers(atLeast: 1)
      clock.advance(by: .seconds(90))
    }
    let end = try await desk.run("job:step('a', function() mark('a') end, { timeout = '90s' })")
    #expect(end.failure?.code == "step.timeout")
    #expect(end.failure?.message == "step 'a' did not finish within 90 s")
    // The change was on its way: nobody knows.
    #expect(try await desk.state(end.run) == .unknown)
    #expect(try await desk.journal.unresolved(run: end.run).count == 1)
  }

  @Test func `a run that is let go of does not say that a step took too long`() async throws {
    let desk = try await stage.desk(clock: ManualClock())
    let lua = desk.lua
    stage.fleet.next("a", .wait)
    stage.fleet.onWrite { _ in lua.cancel() }
    let end = try await desk.run("job:step('a', function() mark('a') end, { timeout = '90s' })")
    #expect(end.failure?.code == "run.detached" || end.failure?.code == "call.cancelled")
  }

  @Test func `a question that nobody answers rings and calls the notifier every three minutes`() async throws {
    let clock = ManualClock()
    let dialogue = SlowDialogue()
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk(dialogue: dialogue, clock: clock)
    let end = try await lettingTimePass(clock) { [desk] in
      let answer = Task {
        while desk.notices.all.count < 2 { await Task.yield() }
        dialogue.answer("skip")
      }
      defer { answer.cancel() }
      return try await desk.run("job:step('a', function() mark('a') end)")
    }
    #expect(end.failure == nil)
    #expect(
      Array(desk.notices.all.prefix(2)) == [
        "180 s: step 'a' failed: a failed on web1", "360 s: step 'a' failed: a failed on web1",
      ]
    )
    #expect(dialogue.alerts.first == "still waiting for an answer (3 min): step 'a' failed: a failed on web1")
  }

  @Test func `the operator's other session answers`() async throws {
    let clock = ManualClock()
    let dialogue = SlowDialogue()
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk(.alive, dialogue: dialogue, clock: clock)
    let name = ProcessIdentity.alive.operatorName
    var clara = ProcessIdentity.ben
    clara.operatorName = name
    let other = try await stage.desk(clara, hasPrimitives: true)
    let end = try await lettingTimePass(clock) { [desk, other] in
      let answer = Task {
        while try await other.journal.openQuestions(operatorName: name).isEmpty { await Task.yield() }
        let run = try await other.journal.runs()[0].id
        _ = try await other.lua.run("return answer('\(run)', 'retry')", name: "=t", kind: .script)
      }
      defer { answer.cancel() }
      return try await desk.run("job:step('a', function() mark('a') end)")
    }
    #expect(end.failure == nil)
    #expect(dialogue.said.contains("answered from another session: retry"))
    #expect(stage.fleet.written == ["a": 1])
    let row = try await desk.journal.question(run: end.run, id: "a~1")
    #expect(row?.answer == "retry")
    #expect(row?.answeredBy == "clara")
  }

  @Test func `an answer that came first elsewhere outweighs the one typed here`() async throws {
    stage.fleet.next("a", .fail)
    let dialogue = SlowDialogue()
    let desk = try await stage.desk(.alive, dialogue: dialogue, clock: ManualClock())
    let other = try await stage.desk(.ben)
    let answer = Task {
      var rows: [QuestionRow] = []
      while rows.isEmpty { rows = try await other.journal.openQuestions(operatorName: nil) }
      try await other.journal.answer(run: rows[0].run, id: rows[0].question.id, text: "skip", by: "ben")
      dialogue.answer("abort")
    }
    let end = try await desk.run("job:step('a', function() mark('a') end)")
    try await answer.value
    #expect(end.failure == nil)
    #expect(try await desk.journal.steps(of: end.run).map(\.state) == [.skipped])
  }
}

/// A person who takes their time: answers when the test says so.
final class SlowDialogue: Dialogue {
  private struct State {
    var alerts: [String] = []
    var said: [String] = []
    var answer: String?
  }

  private let state = Mutex(State())

  var isInteractive: Bool { true }
  var columns: Int { 80 }
  var alerts: [String] { state.withLock { $0.alerts } }
  var said: [String] { state.withLock { $0.said } }

  func answer(_ text: String) { state.withLock { $0.answer = text } }
  func say(_ text: String) { state.withLock { $0.said.append(text) } }
  func alert(_ text: String) { state.withLock { $0.alerts.append(text) } }
  func progress(_ status: ProgressStatus?) {}
  func event(_ event: SessionEvent) {}
  func shown(_ result: Value) {}
  func note(_ note: ExitNote) {}

  func ask(_ question: String) async throws(CallFailure) -> String? {
    while !Task.isCancelled {
      if let answer = state.withLock({ $0.answer }) { return answer }
      await Task.yield()
    }
    throw .cancelled
  }
}

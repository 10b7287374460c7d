import Journal
import OpshTesting
import PrimitiveKit
import Runbooks
import Runs
import Testing

struct DecisionTests {
  let stage = Stage()
  private let body = """
    local a = job:step('a', function() return mark('a') end)
    job:step('b', function() mark('b') end)
    return a
    """

  @Test func `retry tries the step again`() async throws {
    stage.fleet.next("a", .fail, .fail)
    let desk = try await stage.desk(answers: ["retry", "ret"])
    let end = try await desk.run(body)
    #expect(end.failure == nil)
    #expect(end.value == .string("a, 1"))
    #expect(stage.fleet.written == ["a": 1, "b": 1])
    #expect(desk.text.contains("step 'a' failed: a failed on web1"))
    #expect(desk.text.contains("look at web1"))
    #expect(
      (desk.dialogue as? RecordingDialogue)?.asked == Array(repeating: "retry / skip / abort / roll back? ", count: 2)
    )
  }

  @Test func `skip leaves the step out`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk(answers: ["skip"])
    let end = try await desk.run(body)
    #expect(end.failure == nil)
    #expect(end.value == .null)
    #expect(stage.fleet.written == ["b": 1])
    #expect(try await desk.journal.steps(of: end.run).map(\.state) == [.skipped, .ok])
  }

  @Test(arguments: ["step", "runbook", "command line"])
  func `a step that may be skipped does not keep a plan from being made`(_ place: String) async throws {
    let desk = try await stage.desk()
    let option = place == "step" ? ", { on_failure = 'skip', retry = 1 }" : ""
    let body = """
      local got = job:step('bad', function() mark('a') job:ensure(look('well') == 'yes', 'it is not well') end\(option))
      job:step('b', function() mark('b') end)
      return got == nil
      """
    var start = RunbookStart(isDry: true)
    if place == "command line" { start.onFailure = .skip }
    let header = place == "runbook" ? "on_failure = 'skip'," : ""
    let plan = try #require(try await desk.run(body, header, start).plan)
    #expect(plan.notes?.first?.hasPrefix("would be skipped: step 'bad': ") == true)
    #expect(plan.notes?.first?.contains("it is not well") == true)
    #expect(plan.operations.last?.summary == "write b on web1")
    start.isDry = false
    let end = try await desk.run(body, header, start)
    #expect(end.failure == nil)
    #expect(end.value == .bool(true))
    #expect(stage.fleet.written["b"] == 1)
    #expect(try await desk.journal.steps(of: end.run).first?.state == .skipped)
  }

  @Test(arguments: ["stop", "rollback"])
  func `a step that may not be skipped fails its plan`(_ policy: String) async throws {
    let desk = try await stage.desk()
    let end = try await desk.plan(
      "job:step('bad', function() job:ensure(false, 'bad step') end, { on_failure = '\(policy)' })",
      "on_failure = 'skip',"
    )
    #expect(end.failure?.code == "job.ensure")
    #expect(end.plan == nil)
  }

  @Test func `abort ends the run, which can be resumed`() async throws {
    stage.fleet.next("a", .fail)
    let end = try await stage.desk(answers: ["abort"]).run(body)
    #expect(end.failure?.code == "test.failed")
    #expect(await (try await stage.desk(.ben)).resume(end.run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1])
  }

  @Test func `roll back undoes what was done`() async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk(answers: ["roll back"])
    let end = try await desk.run(body)
    #expect(end.failure?.code == "run.rolled_back")
    #expect(stage.fleet.written == ["a": 1, "undo-a": 1])
    #expect(try await desk.state(end.run) == .rolledBack)
  }

  @Test func `an answer that fits nothing or too much is asked for again`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk(answers: ["", "r", "maybe", "  skip "])
    #expect(try await desk.run(body).failure == nil)
    #expect(desk.text.contains("type one of: retry, skip, abort, roll back"))
    #expect((desk.dialogue as? RecordingDialogue)?.asked.count == 4)
  }

  @Test func `the end of the input stops the run and leaves the question`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk(answers: [nil])
    let end = try await desk.run(body)
    #expect(end.failure?.code == "run.interrupted")
    #expect(end.failure?.hint?.contains("resume(\"\(end.run)\")") == true)
    #expect(try await desk.state(end.run) == .interrupted)
    // The change failed for good in this attempt: whoever resumes is asked.
    let second = try await stage.desk(.ben, answers: ["retry"])
    #expect(await second.resume(end.run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1])
  }

  @Test(arguments: ["retry", "skip", "abort", "roll back"])
  func `a decision is heeded although its process died right after it`(_ answer: String) async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk(answers: [answer])
    // Question and answer are the two writes after the end of the failed change.
    stage.fleet.onWrite { if $0 == "b@web1" { desk.database.die(after: 3) } }
    let first = try await desk.run(body)
    #expect(first.failure?.code == "journal.full")
    stage.fleet.onWrite(nil)
    let question = try await desk.journal.question(run: first.run, id: "b~1")
    #expect(question?.answer == answer)
    // Nobody is asked a second time.
    let second = await (try await stage.desk(.ben)).resume(first.run)
    switch answer {
    case "retry":
      #expect(second.failure == nil)
      #expect(stage.fleet.written == ["a": 1, "b": 1])
    case "skip":
      #expect(second.failure == nil)
      #expect(stage.fleet.written == ["a": 1])
    case "abort":
      #expect(second.failure?.code == "test.failed")
    default:
      #expect(second.failure?.code == "run.rolled_back")
      #expect(stage.fleet.written == ["a": 1, "undo-a": 1])
    }
  }

  @Test func `a decision to roll back is heeded although its step was written down as failed before`() async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk(answers: ["roll back"])
    stage.fleet.onWrite { if $0 == "b@web1" { desk.database.die(after: 4) } }
    let first = try await desk.run(body)
    stage.fleet.onWrite(nil)
    #expect(try await desk.journal.steps(of: first.run).last?.state == .failed)
    #expect(await (try await stage.desk(.ben)).resume(first.run).failure?.code == "run.rolled_back")
    #expect(stage.fleet.written == ["a": 1, "undo-a": 1])
  }

  @Test func `a runbook cannot catch its operator's abort`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk(answers: ["abort"])
    let end = try await desk.run(
      """
      pcall(job.step, job, 'a', function() mark('a') end)
      pcall(job.step, job, 'b', function() mark('b') end)
      return 'well'
      """
    )
    #expect(end.failure?.code == "test.failed")
    #expect(stage.fleet.written.isEmpty)
    #expect(try await desk.state(end.run) == .failed)
  }

  @Test func `steps around one that was aborted do not ask again`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk(answers: ["abort"])
    let end = try await desk.run(
      "job:step('o', function(job) job:step('i', function() mark('a') end) end, { retry = 3 })"
    )
    #expect(end.failure?.code == "test.failed")
    #expect((desk.dialogue as? RecordingDialogue)?.asked.count == 1)
  }

  @Test func `exclude leaves the failed items out and goes on`() async throws {
    stage.fleet.next("x-w2", .fail)
    let desk = try await stage.desk(answers: ["exclude"])
    let end = try await desk.run(
      "return job:each({ 'w1', 'w2', 'w3' }, { name = 'all', budget = 0, window = 1 }, function(h) mark('x-' .. h, h) end)"
    )
    #expect(end.failure == nil)
    #expect(end.value["ok"] == .array([.string("w1"), .string("w3")]))
    #expect(end.value["excluded"] == .array([.string("w2")]))
    #expect(stage.fleet.written == ["x-w1": 1, "x-w3": 1])
    let again = await (try await stage.desk(.ben)).rollback(end.run)
    #expect(again.failure == nil)
    #expect(stage.fleet.written == ["x-w1": 1, "x-w3": 1, "undo-x-w1": 1, "undo-x-w3": 1])
  }

  @Test func `retry of a loop keeps the items that are done`() async throws {
    stage.fleet.next("x-w2", .fail)
    let desk = try await stage.desk(answers: ["retry"])
    let end = try await desk.run(
      "return job:each({ 'w1', 'w2', 'w3' }, { name = 'all', budget = 0, window = 1 }, function(h) mark('x-' .. h, h) end)"
    )
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["x-w1": 1, "x-w2": 1, "x-w3": 1])
  }

  @Test func `in batch nobody is asked and the policy decides`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk()
    let end = try await desk.run(body, "", RunbookStart(onFailure: .skip))
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["b": 1])
    #expect((desk.dialogue as? RecordingDialogue)?.asked == [])
  }
}

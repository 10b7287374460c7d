import Journal
import OpshTesting
import PrimitiveKit
import Testing

@testable import JournalPrimitives
@testable import Runbooks
@testable import Runs

/// What is stored of a run is what came of it.
struct StateTests {
  let stage = Stage()

  private func call(_ desk: Desk, noting code: ExitCode) async throws -> RunHeader {
    let request = RunRequest(name: "mark", arguments: .table([:]), scopes: [], hosts: ["web1"])
    try await desk.engine.runs.registry.open().withRun(request, world: stage.world) { (_) throws(CallFailure) in
      CallContext.current.noted?.note(code)
    }
    return try #require(try await desk.journal.runs().first)
  }

  @Test(arguments: [
    (ExitCode.ok, RunState.ok), (.failuresWithinBudget, .partial), (.budgetBreached, .halted),
    (.unreachableBudget, .halted), (.unknownOutcomes, .unknown), (.dataInvalid, .failed),
  ])
  func `a single call that answers is written down as what it noted`(code: ExitCode, state: RunState) async throws {
    let run = try await call(try await stage.desk(), noting: code)
    #expect(run.state == state && run.exitCode == Int(code.rawValue))
  }

  @Test func `a run whose outcomes cannot be looked at is not called ok`() async throws {
    let dialogue = RecordingDialogue(answers: [])
    let desk = try await stage.desk(dialogue: dialogue)
    let request = RunRequest(name: "mark", arguments: .table([:]), scopes: [], hosts: ["web1"])
    stage.fleet.next("a", .lostAfter)
    try await desk.engine.runs.registry.open().withRun(request, world: stage.world) { (run) throws(CallFailure) in
      // As pcall or check=false tolerates it.
      _ = try? await run.perform(Mark(host: "web1", word: "a"))
      desk.database.goBlind(true)
    }
    desk.database.goBlind(false)
    let run = try #require(try await desk.journal.runs().first)
    #expect(run.state == .unknown && run.exitCode == Int(ExitCode.unknownOutcomes.rawValue))
    #expect(dialogue.notes == [.unknownOutcomes])
  }

  @Test func `a run whose journal forgot it ends as interrupted once it sent a change`() async throws {
    let desk = try await stage.desk()
    let registry = try await desk.engine.runs.registry.open()
    let failure = CallFailure(.journal, code: "journal.not_open", message: "the journal was restored")
    for (id, sends) in [("quiet", false), ("busy", true)] {
      let hold = try await registry.lock([], run: id, name: "exec", hosts: [])
      // Its rows are in the journal that was there before.
      let run = Run(id: id, world: stage.world, holding: HoldsEverything(), record: MemoryRecord())
      if sends { _ = try await run.perform(Mark(host: "web1", word: id)) }
      let (_, code) = await registry.end(run, lock: hold, failure)
      #expect(code == (sends ? .interrupted : .lockRefused), "\(id)")
    }
  }

  @Test func `a loop with failures within its budget ends its run as partial`() async throws {
    stage.fleet.next("two", .fail)
    let desk = try await stage.desk()
    let end = try await desk.run("job:each({ 'one', 'two' }, { budget = 1 }, function(item) mark(item) end)")
    #expect(end.failure == nil && end.exitCode == .failuresWithinBudget)
    let run = try await desk.journal.run(end.run)
    #expect(run.state == .partial && run.exitCode == 1)
  }

  @Test func `a step that was skipped after its failure makes a run partial`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk()
    let end = try await desk.run("job:step('a', function() mark('a') end, { on_failure = 'skip' })")
    #expect(end.failure == nil && end.exitCode == .failuresWithinBudget)
    #expect(try await desk.state(end.run) == .partial)
  }

  @Test(arguments: [
    "job:step('a', function() tolerate() mark('a') end)",
    "job:step('a', function() job:step('b', function() tolerate() mark('a') end) end)",
    "job:step('a', function() error('no') end, { on_failure = 'skip' })",
  ])
  func `a run that was resumed ends as partial where it would have without a break`(body: String) async throws {
    let whole = try await stage.desk()
    let source = "\(body) job:step('z', function() mark('z') end)"
    #expect(try await whole.run(source).exitCode == .failuresWithinBudget)
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "z@web1" { desk.database.die(after: 0) } }
    let run = try await desk.run(source).run
    stage.fleet.onWrite(nil)
    let next = try await stage.desk(.ben)
    let end = await next.resume(run)
    #expect(end.failure == nil && end.exitCode == .failuresWithinBudget)
    #expect(try await next.state(run) == .partial)
  }

  @Test func `a run that went through in part is not resumed but can be rolled back`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:step('a', function() mark('a') end, { on_failure = 'skip' }) job:step('b', function() mark('b') end)"
    )
    let refused = await desk.resume(end.run).failure
    #expect(refused?.code == "run.finished" && refused?.hint?.contains("rollback") == true)
    #expect(await desk.rollback(end.run).failure == nil)
    #expect(try await desk.state(end.run) == .rolledBack)
  }

  @Test func `a plan that lacks its approval waits until a run carries it out`() async throws {
    let desk = try await stage.desk(admission: Nobody())
    #expect(try await desk.run("mark('a')").failure?.code == "approval.missing")
    let waiting = try #require(try await desk.journal.runs(RunFilter(states: [.waiting])).first)
    #expect(waiting.exitCode == Int(ExitCode.lockRefused.rawValue))
    let approved = try await stage.desk(.ben)
    let end = try await approved.run("mark('a')")
    #expect(end.failure == nil)
    let ended = try await approved.journal.run(waiting.id)
    #expect(ended.state == .cancelled && ended.stateReason == "its plan was applied by run \(end.run)")
    #expect(try await approved.journal.verify().isIntact)
  }

  @Test func `a live run that asks shows as waiting, and cannot be taken from under its operator`() async throws {
    stage.fleet.next("a", .fail)
    let other = try await stage.desk(.ben)
    let seen = Lines()
    let dialogue = AskingDialogue {
      let history = RunHistory(other.engine.runs)
      for run in (try? await history.entries(RunFilter(states: [.waiting]))) ?? [] {
        seen.add("\(run.run.state.rawValue): \(run.run.stateReason ?? "")")
        seen.add(await other.rollback(run.run.id).failure?.code ?? "went through")
      }
      return "skip"
    }
    let desk = try await stage.desk(.alive, dialogue: dialogue)
    #expect(try await desk.run("job:step('a', function() mark('a') end)").failure == nil)
    #expect(seen.all.first?.hasPrefix("waiting: waiting for an answer: step 'a' failed") == true, "\(seen.all)")
    #expect(seen.all.last == "run.taken")
    #expect(try await other.journal.runs(RunFilter(states: [.waiting])).isEmpty)
  }
}

/// Somebody at a terminal who looks around before they answer.
private struct AskingDialogue: Dialogue {
  let answer: @Sendable () async -> String?

  var isInteractive: Bool { true }
  var columns: Int { 80 }

  func say(_ text: String) {}
  func progress(_ status: ProgressStatus?) {}
  func event(_ event: SessionEvent) {}
  func ask(_ question: String) async throws(CallFailure) -> String? { await answer() }
  func shown(_ result: Value) {}
  func note(_ note: ExitNote) {}
}

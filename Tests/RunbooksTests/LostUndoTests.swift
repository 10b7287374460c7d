import Journal
import OpshTesting
import PrimitiveKit
import Testing

/// What is in flight or of unknown outcome when a run is rolled back.
struct LostUndoTests {
  let stage = Stage()
  private let body = "job:step('a', function() mark('a') end) job:step('b', function() mark('b', 'w2') end)"

  /// Runs the body and dies once a word was sent.
  private func die(at word: String) async throws -> String {
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == word { desk.database.die(after: 0) } }
    let run = try await desk.run(body).run
    stage.fleet.onWrite(nil)
    stage.advance(by: 120)
    return run
  }

  @Test func `what was in flight when its process died is looked up and undone`() async throws {
    let run = try await die(at: "b@w2")
    let desk = try await stage.desk(.ben)
    #expect(await desk.rollback(run).failure == nil)
    #expect(desk.text.contains("write b on w2: it happened"))
    #expect(stage.fleet.written == ["a": 1, "b": 1, "undo-a": 1, "undo-b": 1])
    #expect(try await desk.state(run) == .rolledBack)
    #expect(try await desk.journal.unresolved().isEmpty)
    #expect(try await desk.journal.verify().isIntact)
  }

  @Test func `a dry rollback looks nothing up and says that a live one does`() async throws {
    let run = try await die(at: "b@w2")
    let desk = try await stage.desk(.ben, dry: true)
    #expect(await desk.rollback(run).failure == nil)
    #expect(desk.text.contains("Unknown       1 × test.mark on w2: looked up before anything is undone"))
    #expect(try await desk.journal.unresolved().count == 1)
  }

  @Test func `what no host can tell keeps the run open, until somebody says what became of it`() async throws {
    let run = try await die(at: "b@w2")
    stage.fleet.beDumb(true)
    let desk = try await stage.desk(.ben)
    let end = await desk.rollback(run)
    #expect(ExitCode(failure: end.failure ?? .cancelled) == .unknownOutcomes, "\(end)")
    #expect(end.failure?.message.contains("unknown outcomes: 1 × test.mark on w2") == true)
    #expect(try await desk.state(run) == .unknown)
    #expect(stage.fleet.written == ["a": 1, "b": 1, "undo-a": 1])
    let rollback = try #require(try await desk.journal.runs(RunFilter(kinds: [.rollback])).first)
    #expect(rollback.state == .unknown && rollback.exitCode == Int(ExitCode.unknownOutcomes.rawValue))
    let row = try #require(try await desk.journal.unresolved(run: run).first)
    try await desk.journal.resolve(run: run, key: row.key, isDone: false, reason: "looked")
    let again = await desk.rollback(run)
    #expect(again.failure == nil && again.run == rollback.id)
    #expect(try await desk.state(run) == .rolledBack)
  }

  @Test func `what somebody called done is undone once its host says with what outcome`() async throws {
    let run = try await die(at: "b@w2")
    let desk = try await stage.desk(.ben)
    let row = try #require(try await desk.journal.unresolved(run: run).first)
    try await desk.journal.resolve(run: run, key: row.key, isDone: true, reason: "looked")
    #expect(await desk.rollback(run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1, "undo-a": 1, "undo-b": 1])
  }

  @Test func `a run of which only that is left, and no host can tell, is not called undone`() async throws {
    let run = try await die(at: "a@web1")
    stage.fleet.beDumb(true)
    let desk = try await stage.desk(.ben)
    let end = await desk.rollback(run)
    #expect(ExitCode(failure: end.failure ?? .cancelled) == .unknownOutcomes, "\(end)")
    #expect(try await desk.journal.runs().count == 1)
    stage.fleet.beDumb(false)
    #expect(await desk.rollback(run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "undo-a": 1])
  }

  @Test func `an inverse whose outcome is unknown leaves both runs unknown`() async throws {
    let desk = try await stage.desk()
    let run = try await desk.run(body).run
    stage.fleet.next("undo-b", .lostAfter)
    let end = await desk.rollback(run)
    #expect(ExitCode(failure: end.failure ?? .cancelled) == .unknownOutcomes, "\(end)")
    #expect(try await desk.state(run) == .unknown)
    #expect(await (try await stage.desk(.ben)).rollback(run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1, "undo-a": 1, "undo-b": 1])
  }
}

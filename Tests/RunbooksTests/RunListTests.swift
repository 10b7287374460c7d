import Foundation
import Journal
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Testing

@testable import JournalPrimitives
@testable import Runbooks
@testable import Runs

/// What the prompt shows of runs.
struct RunListTests {
  let stage = Stage()

  private func lua(_ desk: Desk, _ text: String) async throws -> Value {
    try await desk.lua.run("return \(text)", name: "=t", kind: .script).first ?? .null
  }

  @Test func `a run is written down together with what was typed for it`() async throws {
    let desk = try await stage.desk(answers: ["1", "1"], yes: false)
    let run = try await desk.run("mark('a')").run
    let asked = try #require(try await desk.journal.question(run: run, id: "proceed"))
    #expect(asked.question.text == "Proceed? Type the number of hosts (1)" && asked.question.evidence == "type 1")
    #expect(asked.answer == "1" && asked.answeredBy == "anna")
    let back = await desk.rollback(run, isConfirmed: false).run
    #expect(try await desk.journal.question(run: back, id: "proceed")?.answer == "1")
    let batch = try await stage.desk().run("mark('b')").run
    #expect(try await desk.journal.question(run: batch, id: "proceed")?.answeredBy == "--yes")
    #expect(try await desk.journal.verify().isIntact)
  }

  @Test func `a run whose process is gone shows as interrupted`() async throws {
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "a@web1" { desk.database.die(after: 0) } }
    let run = try await desk.run("job:step('a', function() mark('a') end)").run
    stage.fleet.onWrite(nil)
    let next = try await stage.desk(.ben, hasPrimitives: true)
    #expect(await RunHistory(next.engine.runs).unfinished().count == 1)
    #expect(
      await RunHistory(next.engine.runs).unfinished().first?.contains("\(run)  test  interrupted") == true
    )
    #expect(try await lua(next, "#runs{ state = 'interrupted' }") == .int(1))
    #expect(try await lua(next, "#runs{ state = 'running' }") == .int(0))
    #expect(try await lua(next, "runs()[1].state") == .string("interrupted"))
    #expect(await next.resume(run).failure == nil)
    #expect(await RunHistory(next.engine.runs).unfinished().isEmpty)
    #expect(try await lua(next, "runs()[1].state") == .string("ok"))
  }

  @Test func `a run at work is not offered for resuming`() async throws {
    let desk = try await stage.desk(.alive)
    let other = try await stage.desk(.ben)
    let lines = Lines()
    stage.fleet.onWrite { _ in
      for line in await RunHistory(other.engine.runs).unfinished() { lines.add(line) }
    }
    #expect(try await desk.run("mark('a')").failure == nil)
    #expect(lines.all.isEmpty)
  }

  @Test func `one run shows its steps, operations and timeline`() async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk(hasPrimitives: true)
    let run = try await desk.run(
      "job:note('hello') job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)"
    ).run
    let shown = try await lua(desk, "run('\(run.suffix(8))')")
    #expect(shown["id"] == .string(run))
    #expect(shown["state"] == .string("failed"))
    guard case .array(let steps) = shown["steps"], case .array(let operations) = shown["operations"],
      case .array(let timeline) = shown["timeline"]
    else {
      Issue.record("\(shown.literal)")
      return
    }
    #expect(steps.map { $0["step"] } == [.string("a"), .string("b")])
    #expect(operations.map { $0["state"] } == [.string("done"), .string("failed")])
    #expect(operations[1]["why"] == .string("b failed on web1"))
    #expect(timeline.contains { $0["what"] == .string("hello") })
    let events = timeline.map { "\($0["event"].text) \($0["what"].text)" }
    #expect(events.contains("step.begin b"))
    #expect(events.contains("operation.intend b: write b on web1"))
    #expect(events.contains("operation.settle a/test.mark@web1: done"))
    #expect(events.contains("operation.settle b/test.mark@web1: failed: b failed on web1"))
    #expect(events.contains("step.end b: failed: b failed on web1"))
    #expect(events.contains("run.fidelity test.mark: 1 of 1 predictions were right"), "\(events)")
    #expect(events.contains("read.keep seed"), "\(events)")
    #expect(!timeline.contains { $0["what"].text.isEmpty && $0["event"] != .string("run.begin") }, "\(events)")
  }

  @Test func `what is in a run has a declared order, that of importance`() throws {
    let fields = Dictionary(uniqueKeysWithValues: RunDetails.fields.map { ($0.name, $0.fields ?? []) })
    #expect(fields["steps"]?.map(\.name).prefix(5) == ["step", "state", "attempt", "took", "why"])
    #expect(fields["operations"]?.map(\.name).prefix(5) == ["step", "kind", "host", "state", "why"])
    #expect(fields["timeline"]?.map(\.name) == ["at", "event", "what"])
    #expect(LockEntry.fields.map(\.name).prefix(3) == ["scope", "holder", "reason"])
    // An id begins with the time already.
    #expect(RunEntry.fields.map(\.name).prefix(5) == ["id", "name", "state", "took", "why"])
  }

  @Test func `a state that does not exist names the nearest`() async throws {
    let desk = try await stage.desk(hasPrimitives: true)
    let failure = await desk.failure { () throws(CallFailure) in
      _ = try await desk.lua.run("return runs{ state = 'interupted' }", name: "=t", kind: .script)
    }
    #expect(failure?.code == "call.argument")
    #expect(failure?.hint?.contains("interrupted") == true)
  }

  @Test func `the catalog lists runbooks, what is wrong with them, and their last run`() async throws {
    let desk = try await stage.desk(hasPrimitives: true)
    let good = Desk.book("mark('a')", "owner = 'ops', summary = 'Writes',")
    try good.write(toFile: "\(stage.directory)/good.lua", atomically: true, encoding: .utf8)
    try "return { version = 'x', run = function() end }".write(
      toFile: "\(stage.directory)/odd.lua",
      atomically: true,
      encoding: .utf8
    )
    try "print(1)".write(toFile: "\(stage.directory)/script.lua", atomically: true, encoding: .utf8)
    #expect(try await desk.start(good, name: "good").failure == nil)
    let entries = try await desk.engine.catalog.entries()
    #expect(entries.map(\.name) == ["good", "odd"])
    #expect(CatalogEntry.fields.map(\.name).last == "drill_age")
    #expect(entries[0].lastOutcome == "ok" && entries[0].owner == "ops" && entries[0].version == "1.0.0")
    #expect(entries[1].problem.contains("version") && entries[1].lastRun == nil)
    #expect(entries[1].value["last_run"] == .string("never"))
    #expect(try await lua(desk, "runbook.run('good')") == .null)
    // The plan is on the screen already.
    let plan = try await lua(desk, "runbook.run{ name = 'good', dry_run = true }")
    let shown = (desk.dialogue as? RecordingDialogue)?.all.compactMap { shown in
      if case .result(let value) = shown { value["hash"] } else { nil }
    }
    #expect(shown == [plan["hash"]] && plan["hash"] != .null)
    #expect(stage.fleet.written == ["a": 2])
    let missing = await desk.failure { () throws(CallFailure) in
      _ = try await desk.lua.run("return runbook.run('god')", name: "=t", kind: .script)
    }
    #expect(missing?.code == "runbook.missing")
    #expect(missing?.hint?.contains("good") == true)
  }

  @Test func `the audit chain of resumes, rollbacks and decisions holds`() async throws {
    stage.fleet.next("b", .fail, .fail)
    let desk = try await stage.desk(answers: ["retry", "abort"], hasPrimitives: true)
    let run = try await desk.run("job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)").run
    let next = try await stage.desk(.ben)
    #expect(await next.resume(run).failure == nil)
    #expect(await next.rollback(run).failure == nil)
    let report = try await lua(desk, "audit.verify()")
    #expect(report["ok"] == .bool(true))
    let events = try await desk.journal.timeline(of: run).map(\.event)
    for event in ["run.begin", "question.ask", "question.answer", "step.reopen", "run.resume", "operation.intend"] {
      #expect(events.contains(event), "\(event)")
    }
  }
}

extension Value {
  /// The text itself, without quotes.
  fileprivate var text: String { if case .string(let text) = self { text } else { literal } }
}

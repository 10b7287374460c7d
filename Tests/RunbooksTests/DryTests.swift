import Foundation
import Journal
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Runbooks
@testable import Runs

/// A dry run holds nothing, waits for nothing and writes nothing.
struct DryTests {
  let stage = Stage()

  /// Every row of every table of the journal.
  private func rows(_ desk: Desk) async throws -> [String: [String]] {
    try await desk.database.reading { (session) async throws(CallFailure) in
      var found: [String: [String]] = [:]
      for table in try await session.query("SELECT name FROM sqlite_master WHERE type = 'table'", []) {
        let name = table[0].text ?? ""
        found[name] = try await session.query("SELECT * FROM \(name)", []).map { "\($0)" }.sorted()
      }
      return found
    }
  }

  @Test(arguments: [
    "rollback('RUN')", "rollback('RUN', true)", "resume('RUN')", "resume('RUN', true)", "fork('RUN', 'b')",
    "lock.take('host/web3', 'a look')", "lock.take('host/web1', 'a look')", "lock.release('host/web1')",
    "lock.break('host/web1', 'why', 'clara')", "resolve('LOST', 'web1', 'done', 'looked')",
    "releases.mark('sha256:x', 'v1', 'bad')", "releases.clear('sha256:bad', 'good')",
    "runbook.run('test')", "runbook.run('test', {}, true)", "runbook.drill('test')", "runbooks()", "runs()",
    "run('RUN')", "locks()", "unresolved()", "questions()",
  ]) func `nothing in the journal changes and nothing is locked`(_ call: String) async throws {
    let source = Desk.book("job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)")
    try source.write(toFile: "\(stage.directory)/test.lua", atomically: true, encoding: .utf8)
    let desk = try await stage.desk()
    stage.fleet.next("b", .fail)
    let run = try await desk.start(source).run
    stage.fleet.next("c", .lostAfter)
    stage.fleet.beDumb(true)
    let lost = try await desk.run("mark('c')").run
    try await desk.journal.markBad(digest: "sha256:bad", image: "v0", run: "", reason: "old")
    // Somebody else is at work there: a dry run says so, and is not kept from anything.
    let holder = LockHolder(ProcessIdentity.alive)
    let hosts = [LockScope(path: ["host", "web1"])]
    _ = try await LockStore(desk.journal).take(hosts, claim: "hand", holder: holder, reason: "maintenance")
    let written = stage.fleet.written

    let dry = try await stage.desk(.ben, dry: true, hasPrimitives: true)
    let before = try await rows(dry)
    let writes = dry.database.writes
    let text = call.replacing("RUN", with: run).replacing("LOST", with: lost)
    // Whether it answers or refuses: a drill, for example, is no dry run.
    _ = try? await dry.lua.run("return pcall(function() return \(text) end)", name: "=t", kind: .script)
    let after = try await rows(dry)
    #expect(before == after)
    #expect(dry.database.writes == writes)
    #expect(stage.fleet.written == written)
  }

  @Test func `a dry rollback or resume shows who holds what it needs`() async throws {
    let desk = try await stage.desk()
    stage.fleet.next("b", .fail)
    let run = try await desk.run("job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)").run
    let holder = LockHolder(ProcessIdentity.alive)
    let hosts = [LockScope(path: ["host", "web1"])]
    _ = try await LockStore(desk.journal).take(hosts, claim: "hand", holder: holder, reason: "maintenance")
    let rollback = try await stage.desk(.ben, dry: true)
    #expect(await rollback.rollback(run).failure == nil)
    #expect(rollback.text.contains("1 × test.unmark on web1"))
    #expect(rollback.text.contains("lock: host/web1"))
    #expect(rollback.text.contains("maintenance"))
    let resume = try await stage.desk(.ben, dry: true)
    #expect(await resume.resume(run).failure == nil)
    #expect(resume.text.contains("would resume \(run): 1 of 2 started steps are done"))
    #expect(resume.text.contains("  held     host/web1 is locked by clara"))
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test func `a dry run says whether a plan still holds`() async throws {
    let path = "\(stage.directory)/plan.json"
    let desk = try await stage.desk()
    _ = try await desk.run("mark('a')", "", RunbookStart(isDry: true, planOut: path))
    let file = try PlanFile.read(path)
    #expect(try await desk.run("mark('a')", "", RunbookStart(isDry: true, apply: file)).failure == nil)
    stage.fleet.set("predict a", "something else")
    let end = try await desk.run("mark('a')", "", RunbookStart(isDry: true, apply: file))
    #expect(end.failure?.code == "plan.changed")
  }
}

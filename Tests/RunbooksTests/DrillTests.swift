import Foundation
import Journal
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Testing

@testable import Runbooks
@testable import Runs

/// Runs for practice.
struct DrillTests {
  let stage = Stage()
  private let steps = "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)"
  private let drill = RunbookStart(isDrill: true)

  /// Writes the runbook `test` into the folder of the desk.
  private func shelve() throws {
    try Desk.book(steps).write(toFile: "\(stage.directory)/test.lua", atomically: true, encoding: .utf8)
  }

  private func age(_ desk: Desk) async throws -> String {
    try #require(try await desk.engine.catalog.entries().first { $0.name == "test" }).drillAge
  }

  @Test func `a drill asks, locks and changes like any run, and is written down as a drill`() async throws {
    try shelve()
    let desk = try await stage.desk(answers: ["2", "1"], yes: false)
    let declined = try await desk.run(steps, "lock = 'host/web1',", drill)
    #expect(declined.failure?.code == "plan.declined")
    #expect(stage.fleet.written.isEmpty)
    let other = try await stage.desk(.alive)
    let codes = Lines()
    stage.fleet.onWrite { _ in
      let refused = try? await other.run(steps, "lock = 'host/web1',", drill)
      codes.add(refused?.failure?.code ?? "none")
    }
    let end = try await desk.run(steps, "lock = 'host/web1',", drill)
    stage.fleet.onWrite(nil)
    #expect(end.failure == nil && end.exitCode == .ok)
    #expect(codes.all == ["lock.refused", "lock.refused"])
    #expect(stage.fleet.written == ["a": 1, "b": 1])
    #expect(try await desk.journal.run(end.run).kind == .drill)
    #expect(desk.text.contains("run: \(end.run) (a drill)"))
  }

  @Test func `the catalog shows how long ago the last drill ended well`() async throws {
    try shelve()
    let desk = try await stage.desk()
    #expect(try await age(desk) == "never")
    stage.fleet.next("b", .fail)
    #expect(try await desk.run(steps, "", drill).failure != nil)
    #expect(try await age(desk) == "never")
    #expect(try await desk.run(steps, "", drill).failure == nil)
    #expect(try await age(desk) == "0 min")
    stage.advance(by: 3 * 3600 + 59 * 60)
    #expect(try await age(desk) == "3 h")
    stage.advance(by: 12 * 86_400)
    #expect(try await age(desk) == "12 d")
    // Runs that are no drills do not count, and drills are no runs of the runbook.
    #expect(try await desk.engine.catalog.entries().first?.value["last_run"] == .string("never"))
    #expect(try await desk.run(steps).failure == nil)
    #expect(try await age(desk) == "12 d")
    #expect(try await desk.engine.catalog.entries().first?.lastOutcome == "ok")
  }

  @Test func `a check tells how stale the drills are, and no drill is UNKNOWN`() async throws {
    try shelve()
    let desk = try await stage.desk()
    var surroundings = Surroundings(
      world: stage.world(clock: ContinuousClock()),
      dialogue: desk.dialogue,
      options: SessionOptions()
    )
    func measured() async throws -> [Measured] {
      surroundings.runbookEngine = Bound(desk.engine)
      surroundings.world = stage.world(clock: ContinuousClock())
      return try await Check.drills.measure(CheckCall(surroundings, within: .seconds(30)))
    }
    #expect(try await measured() == [Measured(nil, note: "no runbook was ever drilled")])
    #expect(try await desk.run(steps, "", drill).failure == nil)
    stage.advance(by: 91 * 86_400)
    let found = try await measured()
    #expect(found.map(\.subject) == ["test"] && found.map(\.value) == [91])
    #expect(Check.drills.declaration.level(of: 91) == .warn)
    // One of the future was fresh for as long as the clock was wrong.
    stage.advance(by: -92 * 86_400)
    #expect(try await measured().map(\.note) == ["it lies in the future: a clock is wrong"])
  }

  @Test func `a runbook that did not succeed for long is known, and one that never did is UNKNOWN`() async throws {
    try shelve()
    let desk = try await stage.desk()
    var surroundings = Surroundings(
      world: stage.world(clock: ContinuousClock()),
      dialogue: desk.dialogue,
      options: SessionOptions()
    )
    func measured() async throws -> [Measured] {
      surroundings.runbookEngine = Bound(desk.engine)
      surroundings.world = stage.world(clock: ContinuousClock())
      return try await Check.runs.measure(CheckCall(surroundings, within: .seconds(30)))
    }
    #expect(try await measured() == [Measured(nil, note: "no runbook was ever run")])
    stage.fleet.next("b", .fail)
    _ = try await desk.run(steps)
    let failed = try await measured()
    #expect(failed.map(\.value) == [nil] && failed.first?.note.hasPrefix("it never succeeded") == true, "\(failed)")
    #expect(try await desk.run(steps).failure == nil)
    stage.advance(by: 31 * 86_400)
    let found = try await measured()
    #expect(found.map(\.subject) == ["test"] && found.map(\.value) == [31])
    #expect(Check.runs.declaration.level(of: 31) == .warn && Check.runs.isOptional)
    stage.advance(by: -32 * 86_400)
    #expect(try await measured().map(\.value) == [nil])
  }

  @Test func `a drill that stopped is resumed as a drill, and counts when it has ended well`() async throws {
    try shelve()
    let desk = try await stage.desk()
    stage.fleet.next("b", .fail)
    let run = try await desk.run(steps, "", drill).run
    #expect(await desk.resume(run).failure == nil)
    #expect(try await desk.journal.run(run).kind == .drill)
    #expect(try await age(desk) == "0 min")
  }

  @Test func `a drill that is rolled back afterwards ended well all the same, one that failed did not`() async throws {
    try shelve()
    let desk = try await stage.desk()
    stage.fleet.next("b", .fail)
    let failed = try await desk.run(steps, "", drill).run
    #expect(await desk.rollback(failed).failure == nil)
    #expect(try await age(desk) == "never")
    let good = try await desk.run(steps, "", drill).run
    stage.advance(by: 7200)
    #expect(await desk.rollback(good).failure == nil)
    #expect(try await desk.state(good) == .rolledBack)
    #expect(try await age(desk) == "2 h")
  }

  @Test func `a fork of a drill is a drill`() async throws {
    try shelve()
    let desk = try await stage.desk()
    let run = try await desk.start(try String(contentsOfFile: "\(stage.directory)/test.lua", encoding: .utf8), drill)
      .run
    let fork = await desk.ending { () throws(CallFailure) in try await desk.engine.fork(run, from: "b") }
    #expect(fork.failure == nil)
    #expect(try await desk.journal.run(fork.run).kind == .drill)
  }

  @Test func `the prompt drills by name and lists drills`() async throws {
    try shelve()
    let desk = try await stage.desk(hasPrimitives: true)
    func lua(_ text: String) async throws -> Value {
      try await desk.lua.run("return \(text)", name: "=t", kind: .script).first ?? .null
    }
    _ = try await lua("runbook.drill('test')")
    _ = try await lua("runbook.run('test')")
    #expect(try await lua("#runs{ kind = 'drill' }") == .int(1))
    #expect(try await lua("runs()[1].kind") == .string("runbook"))
    #expect(try await lua("runs()[2].kind") == .string("drill"))
    #expect(try await lua("runbooks()[1].drill_age") == .string("0 min"))
    let wrong = await desk.failure { () throws(CallFailure) in
      _ = try await desk.lua.run("return runs{ kind = 'dril' }", name: "=t", kind: .script)
    }
    #expect(wrong?.code == "call.argument" && wrong?.hint == "did you mean 'drill'?")
  }

  @Test func `a drill that lacks an approval is refused and waits as a drill`() async throws {
    let desk = try await stage.desk(admission: Nobody())
    #expect(try await desk.run(steps, "", drill).failure?.code == "approval.missing")
    #expect(stage.fleet.written.isEmpty)
    let runs = try await desk.journal.runs()
    #expect(runs.map(\.kind) == [.drill] && runs.map(\.state) == [.waiting])
  }

  @Test func `a drill cannot be dry`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(steps, "", RunbookStart(isDry: true, isDrill: true))
    #expect(end.failure?.code == "drill.dry")
    #expect(end.failure?.hint?.contains("use a dry run to see the plan") == true)
    #expect(try await desk.journal.runs().isEmpty && stage.fleet.written.isEmpty)
  }
}

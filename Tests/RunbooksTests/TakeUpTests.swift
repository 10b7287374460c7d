import Foundation
import Journal
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import JournalPrimitives
@testable import Runbooks
@testable import Runs

/// Who may go on with a run, and with what.
struct TakeUpTests {
  let stage = Stage()
  private let locked = "lock = 'host/web1',"

  @Test func `only one of two processes goes on with a run without a lock in its header`() async throws {
    let body = "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)"
    stage.fleet.next("a", .fail)
    let run = try await stage.desk().run(body).run
    let first = try await stage.desk(.alive)
    let second = try await stage.desk(.ben)
    let refused = Mutex<String?>(nil)
    stage.fleet.onWrite { word in
      // While the first is at work the second comes, too.
      if word == "a@web1" {
        let code = await second.resume(run).failure?.code
        refused.withLock { $0 = code }
      }
    }
    #expect(await first.resume(run).failure == nil)
    #expect(refused.withLock { $0 } == "lock.refused")
    #expect(stage.fleet.written == ["a": 1, "b": 1])
  }

  @Test func `only one of two processes goes on with a run that holds a lock`() async throws {
    stage.fleet.next("a", .fail)
    let run = try await stage.desk().run("job:step('a', function() mark('a') end)", locked).run
    let second = try await stage.desk(.ben)
    let refused = Mutex<String?>(nil)
    stage.fleet.onWrite { _ in
      let code = await second.resume(run).failure?.code
      refused.withLock { $0 = code }
    }
    #expect(await (try await stage.desk(.anna)).resume(run).failure == nil)
    #expect(refused.withLock { $0 } == "lock.refused")
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test(arguments: [false, true])
  func `a run without a lock whose machine is gone is taken up once its lease is over`(isUndone: Bool) async throws {
    let body = "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)"
    var far = ProcessIdentity.anna
    (far.host, far.boot) = ("elsewhere", "another boot")
    let lost = try await stage.desk(far)
    stage.fleet.onWrite { if $0 == "b@web1" { lost.database.die(after: 0) } }
    let run = try await lost.run(body).run
    stage.fleet.onWrite(nil)
    let desk = try await stage.desk(.ben)
    #expect(try await desk.journal.run(run).state == .running, "its machine cannot be asked")
    if isUndone {
      #expect(await desk.rollback(run).failure?.code == "run.taken")
      stage.advance(by: 61)
      #expect(try await desk.journal.run(run).state == .interrupted)
    }
    // A resume waits for what the lost run holds, which ends with its lease.
    let late = isUndone ? await desk.rollback(run) : await desk.resume(run)
    #expect(late.failure == nil)
    #expect(stage.fleet.written["b"] == 1)
  }

  @Test func `a run does not resume or roll back itself`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk()
    let run = try await desk.run("job:step('a', function() mark('a') end)").run
    let codes = Mutex<[String?]>([])
    stage.fleet.onWrite { _ in
      let both = [await desk.resume(run).failure?.code, await desk.rollback(run).failure?.code]
      codes.withLock { $0 = both }
    }
    #expect(await desk.resume(run).failure == nil)
    #expect(codes.withLock { $0 } == ["run.taken", "run.taken"])
  }

  @Test func `a changed runbook goes on where what was done is the same`() async throws {
    let old = Desk.book("job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)")
    let new = Desk.book(
      "job:step('a', function() mark('a') end) job:step('b', function() mark('better') end) "
        + "job:step('c', function() mark('c') end)"
    )
    stage.fleet.next("b", .fail)
    let run = try await stage.desk().start(old).run
    stage.fleet.next("better", .fail)
    let desk = try await stage.desk(.ben)
    #expect(await desk.resume(run, withNew: new).failure?.code == "test.failed")
    // The next resume goes on with the changed bytes.
    #expect(await (try await stage.desk(.anna)).resume(run).failure == nil)
    #expect(stage.fleet.written == ["a": 1, "better": 1, "c": 1])
  }

  @Test func `a run that a changed runbook goes on with shows its version, bytes and plan`() async throws {
    stage.fleet.next("b", .fail)
    let old = Desk.book("job:step('a', function() mark('a') end) mark('b')")
    let new = old.replacing("1.0.0", with: "1.0.1").replacing("mark('b')", with: "mark('c')")
    let run = try await stage.desk().start(old).run
    let desk = try await stage.desk(.ben, hasPrimitives: true)
    func shown() async throws -> Value {
      let text = "local r = run('\(run)') return { runs()[1].version, r.version, r.sha256, r.plan }"
      return try await desk.lua.run(text, name: "=t", kind: .script).first ?? .null
    }
    let hash = try #require(try await desk.journal.run(run).planHash)
    let sha256 = { (text: String) in SHA256(hashing: text.utf8).hex }
    #expect(
      try await shown() == .array([.string("1.0.0"), .string("1.0.0"), .string(sha256(old)), .string(hash)])
    )
    let end = await desk.resume(run, withNew: new)
    #expect(end.failure == nil)
    guard case .array(let words) = try await shown() else {
      Issue.record("nothing is shown")
      return
    }
    #expect(words[0] == .string("1.0.1") && words[1] == .string("1.0.1") && words[2] == .string(sha256(new)))
    #expect(words[3] != .string(hash))
  }

  @Test(arguments: [
    ("job:step('x', function() mark('a') end)", "step 1 was 'a'; the changed runbook has 'x' there"),
    ("job:step('a', function() mark('a') end, { retry = 2 })", "has 'a' with other options there"),
    ("mark('q')", "step 1 was 'a'; the changed runbook has nothing there"),
  ])
  func `a changed runbook that did something else is refused with the first difference`(
    _ new: String,
    _ words: String
  ) async throws {
    stage.fleet.next("b", .fail)
    let run = try await stage.desk().run(
      "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)"
    ).run
    let end = await (try await stage.desk(.ben)).resume(run, withNew: Desk.book(new))
    #expect(end.failure?.code == "run.differs")
    #expect(end.failure?.message.contains(words) == true, "\(end.failure as Any)")
    #expect(end.failure?.hint?.contains("fork \(run) --from \"a\"") == true)
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test func `waits, confirmations and holds do not make a changed runbook another`() async throws {
    let body = """
      job:confirm('sure?', 'yes')
      job:wait('it', 5, function() return true end)
      local held <close> = job:hold('h', function() mark('take') end, function() mark('give') end)
      job:each({ 'web1' }, { name = 'all' }, function(host) mark('b', host) end)
      """
    stage.fleet.next("b", .fail)
    let run = try await stage.desk().run(body).run
    let end = await (try await stage.desk(.ben)).resume(run, withNew: Desk.book(body + " mark('c')"))
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["take": 2, "b": 1, "give": 2, "c": 1])
  }

  @Test func `a changed runbook is admitted like a new one`() async throws {
    let body = "job:step('a', function() mark('a') end)"
    stage.fleet.next("a", .fail)
    let run = try await stage.desk().run(body).run
    let desk = try await stage.desk(.ben, admission: Nobody())
    #expect(await desk.resume(run, withNew: Desk.book(body + " mark('evil')")).failure?.code == "approval.missing")
    #expect(stage.fleet.written.isEmpty)
    // The old bytes were admitted when the run began.
    #expect(await desk.resume(run).failure == nil)
  }

  @Test func `a changed runbook is confirmed like a new one`() async throws {
    let body = "job:step('a', function() mark('a') end)"
    stage.fleet.next("a", .fail)
    let run = try await stage.desk().run(body).run
    let desk = try await stage.desk(.ben, answers: ["no"], yes: false)
    #expect(await desk.resume(run, withNew: Desk.book(body + " mark('more')")).failure?.code == "plan.declined")
    #expect(stage.fleet.written.isEmpty)
    #expect(try await desk.state(run) == .failed)
  }

  @Test func `a changed runbook that is not confirmed uses up no approval`() async throws {
    let body = "job:step('a', function() mark('a') end)"
    stage.fleet.next("a", .fail)
    let run = try await stage.desk().run(body).run
    let approvals = CountedApprovals()
    let desk = try await stage.desk(.ben, answers: ["no", "yes"], yes: false, admission: approvals)
    let new = Desk.book(body + " mark('more')")
    #expect(await desk.resume(run, withNew: new).failure?.code == "plan.declined")
    #expect(approvals.used == [])
  }

  @Test func `a fork takes earlier steps as done and begins anew`() async throws {
    let source = Desk.book(
      """
      local a = job:step('a', function() return mark('a') end)
      local ok = pcall(job.step, job, 'odd', function() mark('odd') end)
      job:step('b', function() mark('b') end)
      return { a, ok }
      """
    )
    try source.write(toFile: "\(stage.directory)/test.lua", atomically: true, encoding: .utf8)
    stage.fleet.next("odd", .fail)
    stage.fleet.next("b", .fail, .fail)
    let desk = try await stage.desk()
    let run = try await desk.start(source).run
    let fork = await desk.ending { () throws(CallFailure) in try await desk.engine.fork(run, from: "b") }
    #expect(fork.failure?.code == "test.failed")
    let forked = try #require(try await desk.journal.runs().first)
    #expect(forked.parent == run)
    let end = await (try await stage.desk(.ben)).resume(forked.id)
    #expect(end.value == .array([.string("a, 1"), .bool(false)]))
    #expect(stage.fleet.written == ["a": 1, "b": 1])
  }

  @Test(arguments: 0..<5)
  func `a fork that is killed has its steps, or there is no fork`(_ writes: Int) async throws {
    let source = Desk.book(
      "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end) "
        + "job:step('c', function() mark('c') end)"
    )
    try source.write(toFile: "\(stage.directory)/test.lua", atomically: true, encoding: .utf8)
    stage.fleet.next("c", .fail)
    let desk = try await stage.desk()
    let run = try await desk.start(source).run
    desk.database.die(after: writes)
    let fork = await desk.ending { () throws(CallFailure) in try await desk.engine.fork(run, from: "c") }
    #expect(fork.failure?.code == "journal.full")
    let newest = try #require(try await desk.journal.runs().first)
    // The first write is the lock.
    let isForked = writes > 1
    #expect((newest.id != run) == isForked)
    if newest.id != run { #expect(await (try await stage.desk(.ben)).resume(newest.id).failure == nil) }
    #expect(stage.fleet.written == (isForked ? ["a": 1, "b": 1, "c": 1] : ["a": 1, "b": 1]))
  }

  @Test func `no step is begun anew beside a change that may still be at work`() async throws {
    let source = Desk.book("job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)")
    try source.write(toFile: "\(stage.directory)/test.lua", atomically: true, encoding: .utf8)
    stage.fleet.next("b", .lostAfter)
    let desk = try await stage.desk()
    let run = try await desk.start(source).run
    let fork = await desk.ending { () throws(CallFailure) in try await desk.engine.fork(run, from: "b") }
    #expect(fork.failure?.code == "run.unknown_outcome")
    #expect(fork.failure?.message.contains("b on web1") == true, "\(fork.failure as Any)")
    #expect(stage.fleet.written == ["a": 1, "b": 1])
  }

  @Test func `a run that waits for an approval never ran and is not resumed`() async throws {
    let desk = try await stage.desk(admission: Nobody())
    // Its process may die right after the first word about it, which follows its lease.
    desk.database.die(after: 2)
    #expect(try await desk.run("mark('a')").failure?.code == "approval.missing")
    let run = try #require(try await desk.journal.runs().first)
    #expect(run.state == .waiting && run.stateReason == "its plan is waiting for an approval")
    #expect(run.endedAt != nil)
    #expect(try await desk.engine.runs.registry.open().plan(of: run.id).requester == "anna")
    #expect(await (try await stage.desk(.ben)).resume(run.id).failure?.code == "run.waiting")
    #expect(stage.fleet.written.isEmpty)
  }

  @Test func `a fork from a step that is not there names the nearest`() async throws {
    let source = Desk.book("job:step('alpha', function() mark('a') end)")
    let desk = try await stage.desk()
    let run = try await desk.start(source).run
    let end = await desk.ending { () throws(CallFailure) in try await desk.engine.fork(run, from: "alpa") }
    #expect(end.failure?.code == "run.differs")
    #expect(end.failure?.hint?.contains("alpha") == true)
    #expect(await desk.rollback(run).failure == nil)
    let late = await desk.ending { () throws(CallFailure) in try await desk.engine.fork(run, from: "alpha") }
    #expect(late.failure?.code == "run.finished")
  }

  @Test func `a single call goes on where it was`() async throws {
    let desk = try await stage.desk()
    let registry = try await desk.engine.runs.registry.open()
    let request = RunRequest(
      name: "mark",
      arguments: .table(["word": .string("a")]),
      scopes: [],
      hosts: ["web1"]
    )
    stage.fleet.next("a", .lostAfter)
    let failure = await desk.failure { () throws(CallFailure) in
      try await registry.withRun(request, world: stage.world) { (run) throws(CallFailure) in
        _ = try await run.perform(Mark(host: "web1", word: "a"))
      }
    }
    #expect(failure?.code == "host.lost")
    let run = try #require(try await desk.journal.runs().first)
    #expect(run.state == .unknown)
    let end = await (try await stage.desk(.ben)).resume(run.id)
    #expect(end.value == .string("a, found"))
    #expect(stage.fleet.written == ["a": 1])
  }

  @Test func `a single call that goes on to its end says what of it is still unknown`() async throws {
    let desk = try await stage.desk()
    let registry = try await desk.engine.runs.registry.open()
    let request = RunRequest(name: "mark", arguments: .table(["word": .string("b")]), scopes: [], hosts: ["web1"])
    stage.fleet.beDumb(true)
    stage.fleet.next("a", .lostAfter)
    _ = await desk.failure { () throws(CallFailure) in
      try await registry.withRun(request, world: stage.world) { (run) throws(CallFailure) in
        _ = try await run.perform(Mark(host: "web1", word: "a"))
      }
    }
    let run = try #require(try await desk.journal.runs().first)
    let dialogue = RecordingDialogue()
    let second = try await stage.desk(.ben, dialogue: dialogue)
    let end = await second.resume(run.id)
    #expect(end.failure == nil && end.exitCode == .unknownOutcomes, "\(end)")
    #expect(dialogue.notes == [.unknownOutcomes])
    #expect(try await desk.journal.run(run.id).exitCode == 9)
  }

  @Test func `a single call that is cancelled says what goes on where, and how to go on with it`() async throws {
    let desk = try await stage.desk()
    let registry = try await desk.engine.runs.registry.open()
    let request = RunRequest(name: "mark", arguments: .table([:]), scopes: [], hosts: ["web1"])
    stage.fleet.next("a", .lostAfter)
    let world = stage.world
    let failure = await Task {
      await desk.failure { () throws(CallFailure) in
        try await registry.withRun(request, world: world) { (run) throws(CallFailure) in
          _ = try? await run.perform(Mark(host: "web1", word: "a"))
          withUnsafeCurrentTask { $0?.cancel() }
          throw CallFailure.cancelled
        }
      }
    }.value
    let run = try #require(try await desk.journal.runs().first)
    #expect(failure?.code == "run.detached")
    #expect(run.state == .detached)
    #expect(run.stateReason == "run \(run.id) was detached; commands already sent to web1 keep running")
    #expect(failure?.message == run.stateReason)
    #expect(failure?.hint?.hasPrefix("resume(\"\(run.id)\") checks") == true)
  }

  @Test(arguments: [true, false])
  func `what an operator found is what a resumed run goes on with`(_ isDone: Bool) async throws {
    stage.fleet.beDumb(true)
    stage.fleet.next("a", isDone ? .lostAfter : .lostBefore)
    let body =
      "local a = job:step('s', function() return mark('a') end) job:step('t', function() mark('b') end) return a"
    let desk = try await stage.desk(hasPrimitives: true)
    let run = try await desk.run(body).run
    let blocked = await desk.resume(run)
    #expect(blocked.failure?.code == "run.unknown_outcome")
    #expect(try await desk.state(run) == .unknown)
    let open = try await desk.lua.run("return unresolved()", name: "=t", kind: .script).first
    #expect(UnresolvedEntry.fields.map(\.name).prefix(2) == ["run", "host"])
    guard case .array(let rows) = open else {
      Issue.record("\(open as Any)")
      return
    }
    #expect(
      rows.map { [$0["run"], $0["host"], $0["summary"]] } == [
        [.string(run), .string("web1"), .string("write a on web1")]
      ]
    )
    let count = try await desk.lua.run(
      "return resolve('\(run)', 'web1', '\(isDone ? "done" : "not done")', 'looked there')",
      name: "=t",
      kind: .script
    )
    #expect(count == [.int(1)])
    let verdict = isDone ? "done" : "not done"
    let said = (desk.dialogue as? RecordingDialogue)?.said
    #expect(said?.last == "recorded as \(verdict): 1 change on web1 of run \(run)", "\(said ?? [])")
    let end = await (try await stage.desk(.ben)).resume(run)
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["a": 1, "b": 1])
    #expect(try await desk.journal.unresolved(run: run).isEmpty)
  }
}

/// Approves everything and remembers for which runs.
final class CountedApprovals: PlanAdmission {
  private let runs = Mutex<[String]>([])
  var used: [String] { runs.withLock { $0 } }

  func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure) {
    runs.withLock { $0.append(run) }
  }
}

/// Admits no plan.
struct Nobody: PlanAdmission {
  func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure) {
    throw CallFailure(.refused, .awaitsApproval, code: "approval.missing", message: "nobody approved this")
  }
}

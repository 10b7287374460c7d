import Foundation
import Journal
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Testing

@testable import Runbooks
@testable import Runs

struct PlanTests {
  let stage = Stage()
  private let body = """
    job:note('hello')
    job:step('a', function() mark('a', 'web2') mark('forever', 'web1') end)
    job:each({ 'web1', 'web3' }, { name = 'all' }, function(host) mark('c-' .. math.random(9), host) end)
    """

  @Test func `a plan says what would happen and changes nothing`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.plan(body, "lock = 'host/web1',")
    let plan = try #require(end.plan)
    #expect(end.failure == nil)
    #expect(stage.fleet.written.isEmpty)
    #expect(plan.hosts.sorted() == ["web1", "web2", "web3"])
    #expect(plan.steps.map(\.path).sorted() == ["a", "all", "all/web1", "all/web3"])
    #expect(plan.operations.map(\.kind) == Array(repeating: "test.mark", count: 4))
    #expect(plan.irreversible.map(\.summary) == ["write forever on web1"])
    #expect(plan.exactness == 1)
    // What the header locks, and what the operations are about besides.
    #expect(plan.locks.sorted() == ["host/web1", "host/web2", "host/web3"])
    #expect(plan.beyond?.sorted() == ["host/web2", "host/web3"])
    #expect(plan.conflicts == [])
    #expect(try await desk.journal.runs().isEmpty)
    #expect(desk.text.contains("a rollback will not undo 1 × test.mark"))
    #expect(desk.text.split(separator: "\n").count <= 24)
  }

  @Test func `what an undo function answers for is not called irreversible`() async throws {
    let desk = try await stage.desk()
    let undo = "{ undo = function() end }"
    let end = try await desk.plan(
      """
      job:step('a', function(job)
        mark('forever-a')
        job:step('in', function() mark('forever-b') end)
      end, \(undo))
      job:each({ 'w1', 'w2' }, { name = 'all', undo = function() end }, function(h) mark('forever-c', h) end)
      job:step('left', function() mark('forever-d') end)
      local held = job:hold('h', function() mark('forever-e') end, function() mark('forever-f') end)
      held.release()
      """
    )
    #expect(
      end.plan?.irreversible.map(\.summary).sorted() == [
        "write forever-d on web1", "write forever-e on web1", "write forever-f on web1",
      ]
    )
    #expect(desk.text.contains("a rollback will not undo 3 × test.mark"))
    let whole = try await stage.desk()
    let own = try await whole.plan("mark('forever')", "undo = function() end,")
    #expect(own.plan?.irreversible.isEmpty == true)
    #expect(!whole.text.contains("Not undone"))
  }

  @Test func `a plan folds the hosts it locks, whatever else it locks`() async throws {
    let desk = try await stage.desk()
    _ = try await desk.plan("mark('a')", "lock = { 'host/web1', 'environment/e1', 'host/web2', 'host/web3' },")
    #expect(desk.text.contains("environment/e1, host/web[1-3]\n"))
  }

  @Test func `a plan of the same is the same, whoever makes it and when`() async throws {
    let desk = try await stage.desk()
    let body = body.replacing("math.random(9)", with: "'x'")
    let first = try await desk.plan(body)
    stage.advance(by: 1000)
    let second = try await (try await stage.desk(.ben)).plan(body)
    #expect(first.plan?.hash == second.plan?.hash)
    #expect(first.plan?.seed != second.plan?.seed)
  }

  @Test func `a plan differs when something else is predicted`() async throws {
    let desk = try await stage.desk()
    let first = try #require(try await desk.plan(body).plan)
    stage.fleet.set("predict a", "it is there already")
    let second = try #require(try await desk.plan(body).plan)
    #expect(first.hash != second.hash)
    #expect(first.differences(from: second).contains("web2 has changed: write a on web2"))
  }

  @Test func `in which order hosts answer makes no difference`() async throws {
    var plan = try #require(try await (try await stage.desk()).plan(body).plan)
    let hash = plan.hash
    plan.hosts.reverse()
    plan.operations.reverse()
    let items = plan.steps.filter { $0.path.contains("/") }
    plan.steps = plan.steps.filter { !$0.path.contains("/") } + items.reversed()
    #expect(plan.hash == hash)
    plan.steps.swapAt(0, 1)
    #expect(plan.hash != hash)
  }

  @Test func `a plan that still holds is carried out, with the same dice`() async throws {
    let path = "\(stage.directory)/plan.json"
    let desk = try await stage.desk()
    let planned = try await desk.run(body, "", RunbookStart(isDry: true, planOut: path))
    #expect(planned.failure == nil)
    let file = try PlanFile.read(path)
    #expect(file.plan == planned.plan)
    let end = try await (try await stage.desk(.ben)).run(body, "", RunbookStart(apply: file))
    #expect(end.failure == nil)
    let done: Set<String> = Set(stage.fleet.order)
    let promised: Set<String> = Set(
      file.plan.operations.map { "\($0.summary.split(separator: " ")[1])@\($0.target)" }
    )
    #expect(done == promised)
  }

  // Where what it does can be compared with what is there, the plan is another once it was carried out.
  @Test(arguments: [true, false])
  func `a plan file is carried out once, and who tries again hears by which run`(isDumb: Bool) async throws {
    let body = "mark('dumb')"
    stage.fleet.beDumb(isDumb)
    let path = "\(stage.directory)/plan.json"
    let desk = try await stage.desk()
    _ = try await desk.run(body, "", RunbookStart(isDry: true, planOut: path))
    let file = try PlanFile.read(path)
    let first = try await desk.run(body, "", RunbookStart(apply: file))
    #expect(first.failure == nil, "\(first.failure as Any)")
    let again = try await (try await stage.desk(.ben)).run(body, "", RunbookStart(apply: try PlanFile.read(path)))
    #expect(again.failure?.code == "plan.used_up" && again.failure?.failureClass == .refused, "\(again.failure as Any)")
    #expect(again.failure?.message.contains(first.run) == true)
    #expect(stage.fleet.written == ["dumb": 1])
    // Nor when its run was pruned.
    stage.advance(by: 60)
    #expect(try await desk.journal.prune(before: stage.time.now).runs == 1)
    let pruned = try await desk.run(body, "", RunbookStart(apply: try PlanFile.read(path)))
    #expect(pruned.failure?.code == "plan.used_up" && pruned.failure?.message.contains(first.run) == true)
    #expect(pruned.failure?.hint?.contains("pruned") == true)
    // Another plan of the same can be carried out.
    _ = try await desk.run(body, "", RunbookStart(isDry: true, planOut: path))
    #expect(try await desk.run(body, "", RunbookStart(apply: try PlanFile.read(path))).failure == nil)
  }

  @Test func `a plan that nobody confirmed can still be carried out`() async throws {
    let path = "\(stage.directory)/plan.json"
    _ = try await stage.desk().run(body, "", RunbookStart(isDry: true, planOut: path))
    let file = try PlanFile.read(path)
    let declined = try await stage.desk(answers: ["no"], yes: false).run(body, "", RunbookStart(apply: file))
    #expect(declined.failure?.code == "plan.declined")
    #expect(try await stage.desk().run(body, "", RunbookStart(apply: file)).failure == nil)
  }

  @Test func `a plan that asked for the time holds later, and its run sees its own time`() async throws {
    let source = """
      return { version = '1.0.0', effects = { 'changes' },
        check = function() return { at = os.time(), day = os.date('!%Y-%m-%d'), dice = math.random() } end,
        run = function(job, args, found)
          job:step('a', function() mark('a') if os.time() < found.at then mark('never') end end)
          return { found.at, os.time() }
        end }
      """
    let desk = try await stage.desk()
    let start = stage.time.now / 1000
    let planned = try await desk.start(source, RunbookStart(isDry: true))
    let file = PlanFile(try #require(planned.plan))
    #expect(file.plan.check["at"] == .int(Int(start)))
    stage.advance(by: 100_000)
    let end = try await (try await stage.desk(.ben)).start(source, RunbookStart(apply: file))
    #expect(end.failure == nil, "\(end.failure as Any)")
    #expect(end.value == .array([.int(Int(start)), .int(Int(start) + 100_000)]))
    // Without a plan to hold it to, time has gone on.
    let anew = try await desk.start(source, RunbookStart(isDry: true))
    #expect(anew.plan?.check["at"] == .int(Int(start) + 100_000))
  }

  @Test func `a loop by the clock does not keep a plan from being made`() async throws {
    let desk = try await stage.desk(hasPrimitives: false)
    let file = PlanFile(try #require(try await desk.plan("mark('a')").plan))
    stage.advance(by: 100)
    let body = "mark('a') local from = os.time() while os.time() < from + 10 do end"
    #expect(try await desk.run(body, "", RunbookStart(apply: file)).failure?.code == "plan.changed")
  }

  @Test func `a plan that does not hold any more is refused with what is different`() async throws {
    let desk = try await stage.desk()
    let file = PlanFile(try #require(try await desk.plan(body).plan))
    stage.fleet.set("predict a", "other")
    let end = try await desk.run(body, "", RunbookStart(apply: file))
    #expect(end.failure?.code == "plan.changed")
    #expect(end.failure?.message.contains("web2 has changed: write a on web2") == true)
    #expect(stage.fleet.written.isEmpty)
    #expect(try await desk.journal.runs().isEmpty)
  }

  @Test(arguments: [
    ("job:step('a', function() mark('a') end)", "the runbook is 1.0.0")
  ])
  func `a plan of other bytes is refused`(_ other: String, _ words: String) async throws {
    let desk = try await stage.desk()
    let file = PlanFile(try #require(try await desk.plan(body).plan))
    let end = try await desk.run(other, "", RunbookStart(apply: file))
    #expect(end.failure?.message.contains(words) == true)
  }

  @Test func `hosts that came and went are named`() async throws {
    let body = "job:each(args.on, { name = 'all' }, function(host) mark('c', host) end)"
    let header = "params = { { 'on', type = 'list', default = { 'web1' } } },"
    let desk = try await stage.desk()
    let source = Desk.book(body, header)
    let one = try await desk.start(source, RunbookStart(isDry: true), arguments: ["on": .array([.string("web1")])])
    let two = try await desk.start(source, RunbookStart(isDry: true), arguments: ["on": .array([.string("web2")])])
    guard let before = one.plan, let now = two.plan else {
      Issue.record("no plan: \(one.failure as Any)")
      return
    }
    let differences = before.differences(from: now)
    #expect(differences.contains("no longer in the set: web1"))
    #expect(differences.contains("new in the set: web2"))
  }

  @Test func `a plan of another site, an edited one and one of a newer opsh are refused`() async throws {
    let path = "\(stage.directory)/plan.json"
    let desk = try await stage.desk()
    _ = try await desk.run(body, "", RunbookStart(isDry: true, planOut: path))
    let other = try await stage.desk(.ben, site: "elsewhere")
    let end = try await other.run(body, "", RunbookStart(apply: try PlanFile.read(path)))
    #expect(end.failure?.code == "plan.other_site")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    func failure(_ text: String) async throws -> CallFailure? {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return await desk.failure { () throws(CallFailure) in _ = try PlanFile.read(path) }
    }
    #expect(try await failure(text.replacing("write forever", with: "write nothing"))?.code == "plan.edited")
    let newer = text.replacing("\"format\" : 2", with: "\"format\" : 3").replacing("\"hosts\"", with: "\"machines\"")
    #expect(try await failure(newer)?.code == "plan.format")
    #expect(try await failure(newer)?.message.contains("format 3") == true)
    #expect(try await failure(String(text.prefix(200)))?.code == "plan.file")
    #expect(try await failure("[]")?.code == "plan.file")
    #expect(await desk.failure { () throws(CallFailure) in _ = try PlanFile.read("/none") }?.code == "plan.file")
  }

  @Test func `a plan file keeps numbers and odd texts as they are`() async throws {
    let path = "\(stage.directory)/plan.json"
    let source = """
      return { version = '1.0.0', effects = { 'changes' },
        check = function() return { 1.0, 2, 0.1, 1/0, 'ü\\0\\n/', {}, { a = {} }, 9007199254740993, -0.0, '\\255' } end,
        run = function() mark('a') end }
      """
    let desk = try await stage.desk()
    let end = try await desk.start(source, RunbookStart(isDry: true, planOut: path))
    #expect(end.failure == nil)
    #expect(try PlanFile.read(path).plan.hash == end.plan?.hash)
  }

  @Test func `a plan below the promised exactness fails the dry run`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.plan("mark('a') mark('guess')", "exactness = 0.6,")
    #expect(end.failure?.code == "plan.inexact")
    #expect(end.failure?.message.contains("50 % exact; the runbook promises 60 %") == true)
    #expect(ExitCode(failure: end.failure ?? .cancelled) == .planInexact)
    #expect(try await desk.plan("mark('a') mark('guess')", "exactness = '50%',").failure == nil)
    #expect(try await desk.plan("mark('w' .. mark('guess'))", "exactness = 0,").failure?.code == "plan.inexact")
  }

  @Test func `a step may say what a plan should go on with`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.plan(
      "local n = job:step('a', function() return #mark('guess') end, { predict = 3 }) for i = 1, n do mark('b' .. i) end"
    )
    #expect(end.failure == nil)
    #expect(end.plan?.operations.count == 4)
  }

  @Test func `what a runbook did not declare is refused at the call`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run("trade('x')")
    #expect(end.failure?.code == "call.effect")
    #expect(end.failure?.message.contains("trade has the effect 'trades'") == true)
    #expect(end.failure?.hint == "add \"trades\" to `effects` in its header")
    let inStep = try await desk.run("job:step('a', function() trade('x') end)")
    #expect(inStep.failure?.code == "call.effect")
  }

  @Test(arguments: [
    "mark('x')", "job:step('s', function() mark('x') end)",
    "pcall(mark, 'x') job:each({ 'a' }, function() mark('x') end)",
  ])
  func `check and verify only read, in steps as well`(_ deed: String) async throws {
    let desk = try await stage.desk()
    let check = try await desk.start(
      "return { version = '1.0.0', effects = { 'changes' }, check = function(job) \(deed) end, run = function() end }"
    )
    let words = "\(check.failure?.message ?? "") \(check.failure?.hint ?? "")"
    #expect(words.contains("mark has the effect 'changes', but check allows only 'reads'"), "\(words)")
    #expect(check.failure?.code != "call.effect" || words.contains("move the call"), "\(words)")
    let verify = try await desk.start(
      "return { version = '1.0.0', effects = { 'changes' }, run = function() end, verify = function(job) \(deed) end }"
    )
    #expect(verify.failure != nil)
    #expect(stage.fleet.written.isEmpty)
  }

  @Test func `loading calls nothing`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.start("mark('x') return { version = '1.0.0', run = function() end }")
    #expect(end.failure?.code == "call.effect")
    #expect(end.failure?.message.contains("calls no primitive") == true)
  }

  @Test func `plans foretell and the journal remembers how well`() async throws {
    let desk = try await stage.desk()
    // The guess is no prediction, and what the plan did not see is one that failed.
    let body = "job:step('a', function() mark('a') mark('guess') end) if look('live') == 'yes' then mark('more') end"
    let end = try await desk.run(body)
    #expect(end.failure == nil)
    let row = try #require(try await desk.journal.fidelity().first)
    #expect(row.kind == "test.mark")
    #expect(row.predicted == 2 && row.matched == 1)
  }

  @Test func `what cannot be predicted is no wrong prediction`() async throws {
    let desk = try await stage.desk(hasPrimitives: true)
    let end = try await desk.run("mark('a') shoot('b') if look('live') == 'yes' then shoot('c') end")
    #expect(end.failure == nil)
    let fields = "a.kind, a.percent, b.kind, b.predicted, b.percent == nil"
    let text = "local a, b = table.unpack(fidelity()) return { \(fields) }"
    let shown = try await desk.lua.run(text, name: "=t", kind: .script).first
    #expect(
      shown == .array([.string("test.mark"), .number(100), .string("test.shot"), .int(0), .bool(true)]),
      "\(shown?.literal ?? "-")"
    )
  }

  @Test func `fidelity counts a run once however often it was resumed`() async throws {
    stage.fleet.next("b", .fail, .fail)
    let run = try await stage.desk().run(
      "job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)"
    ).run
    _ = await (try await stage.desk(.ben)).resume(run)
    let desk = try await stage.desk(.anna)
    #expect(await desk.resume(run).failure == nil)
    let row = try #require(try await desk.journal.fidelity().first)
    #expect(row.runs == 1)
    #expect(row.predicted == 2 && row.matched == 2)
  }

  @Test func `calls about runs change nothing in a dry run`() async throws {
    stage.fleet.next("b", .fail)
    let desk = try await stage.desk(hasPrimitives: true)
    let run = try await desk.run("job:step('a', function() mark('a') end) job:step('b', function() mark('b') end)").run
    let writes = desk.database.writes
    for call in ["resume('\(run)')", "fork('\(run)', 'b')", "rollback('\(run)', true)"] {
      let end = try await desk.plan("local _ = \(call)", "effects = { 'changes', 'administers' },")
      #expect(end.failure == nil, "\(call): \(end.failure as Any)")
    }
    #expect(desk.database.writes == writes)
    #expect(stage.fleet.written == ["a": 1])
    #expect(desk.text.contains("dry run: would resume run \(run)"))
  }
}

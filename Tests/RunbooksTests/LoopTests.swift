import Journal
import OpshTesting
import PrimitiveKit
import Rollout
import Testing

@testable import Runbooks
@testable import Runs

/// `job:each`.
struct LoopTests {
  let stage = Stage()

  @Test func `a loop answers its items by outcome and what each body answered`() async throws {
    stage.fleet.next("x-w2", .fail)
    stage.fleet.next("x-w3", .unreachable)
    stage.fleet.next("x-w4", .lostBefore)
    let desk = try await stage.desk()
    let end = try await desk.run(
      "return job:each({ 'w1', 'w2', 'w3', 'w4' }, { name = 'all', budget = 3 }, function(h) return mark('x-' .. h, h) end)"
    )
    #expect(end.failure == nil)
    #expect(end.value["ok"] == .array([.string("w1")]))
    #expect(end.value["failed"] == .array([.string("w2")]))
    #expect(end.value["unreachable"] == .array([.string("w3")]))
    #expect(end.value["unknown"] == .array([.string("w4")]))
    #expect(end.value["results"] == .table(["w1": .string("x-w1, 1")]))
    #expect(end.value["details"]["w2"] == .string("x-w2 failed on w2"))
    #expect(end.value["details"]["w1"] == .null)
    #expect(desk.text.contains("\n  w2: failed: x-w2 failed on w2\n  w3: unreachable: "))
  }

  @Test func `classes without items are empty lists`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(
      """
      local done = job:each({ 'w1', 'w2' }, { name = 'all' }, function(h) return h end)
      return { #done.ok, #done.failed, #done.unhealthy, #done.unreachable, #done.unknown, #done.skipped, #done.excluded }
      """
    )
    #expect(end.failure == nil && end.exitCode == .ok)
    #expect(end.value == .array([.int(2)] + Array(repeating: .int(0), count: 6)))
  }

  @Test func `failures within the budget are the exit code of a run that ends well`() async throws {
    stage.fleet.next("x-w2", .fail)
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:each({ 'w1', 'w2' }, { name = 'all', budget = 1 }, function(h) mark('x-' .. h, h) end)"
    )
    #expect(end.failure == nil)
    #expect(end.exitCode == .failuresWithinBudget)
    #expect(try await desk.state(end.run) == .partial)
  }

  @Test func `what this machine cannot send stops a loop within its budget, and a resume goes on`() async throws {
    let body = """
      job:each({ 'w1', 'w2', 'w3' }, { name = 'all', window = 1, budget = 3 }, function(h)
        if look('live') == 'yes' and look('agent') == 'dead' then
          fail('local.fault', h .. ': nothing was sent: no agent', 'refused', 'local')
        end
        mark('x-' .. h, h)
      end)
      """
    stage.fleet.set("agent", "dead")
    let desk = try await stage.desk()
    var start = RunbookStart()
    start.onFailure = .rollback
    let end = try await desk.run(body, "", start)
    #expect(end.failure?.code == "local.fault" && end.failure?.isLocal == true)
    let header = try await desk.journal.run(end.run)
    #expect(header.state == .interrupted && header.exitCode == 5)
    // The third was not begun, and what cannot be reached is not rolled back either.
    #expect(try await desk.journal.steps(of: end.run).map(\.path) == ["all", "all/w1", "all/w2"])
    #expect(stage.fleet.order == ["x-w1@w1"])
    stage.fleet.set("agent", "back")
    let resumed = await (try await stage.desk(.ben)).resume(end.run)
    #expect(resumed.failure == nil && resumed.exitCode == .ok, "\(resumed)")
    #expect(stage.fleet.order == ["x-w1@w1", "x-w2@w2", "x-w3@w3"])
  }

  @Test(arguments: ["x-w2@w2", "end@web1"])
  func `what items noted is noted by whoever resumes the run`(death: String) async throws {
    let body = """
      job:each({ 'w1', 'w2' }, { name = 'all', window = 1 }, function(h) if h == 'w1' then tolerate() end mark('x-' .. h, h) end)
      job:step('end', function() mark('end') end)
      job:step('last', function() mark('last') end)
      """
    let other = Stage()
    let whole = try await other.desk().run(body)
    #expect(whole.exitCode == .failuresWithinBudget)
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == death { desk.database.die(after: 0) } }
    let run = try await desk.run(body).run
    let second = try await stage.desk(.ben)
    // It dies once more, when the loop is done.
    stage.fleet.onWrite { if $0 == "last@web1" { second.database.die(after: 0) } }
    _ = await second.resume(run)
    stage.fleet.onWrite(nil)
    let end = await (try await stage.desk()).resume(run)
    #expect(end.failure == nil && end.exitCode == .failuresWithinBudget, "\(end)")
    #expect(try await desk.state(run) == .partial)
  }

  @Test func `what a gate notes counts for nothing, then and when the run is resumed`() async throws {
    let body = """
      job:each({ 'w1', 'w2' }, { name = 'all', window = 1, gate = function() tolerate() return true end },
        function(h) mark('x', h) end)
      job:step('end', function() mark('end') end)
      """
    let other = Stage()
    #expect(try await other.desk().run(body).exitCode == .ok)
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "end@web1" { desk.database.die(after: 0) } }
    let run = try await desk.run(body).run
    stage.fleet.onWrite(nil)
    #expect(await (try await stage.desk(.ben)).resume(run).exitCode == .ok)
  }

  @Test func `numbers and shares become what the rollout engine is asked for`() async throws {
    let desk = try await stage.desk()
    let items = "{ 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k' }"
    _ = try await desk.plan(
      """
      job:each(\(items), function() end)
      job:each(\(items), { name = 'two', window = '50%', budget = '19%', ramp = false, gate_every = 3, jitter = 2 },
        function() end)
      """
    )
    let (first, second) = (desk.rollouts.requests[0], desk.rollouts.requests[1])
    #expect(first.name == "each")
    #expect(first.window == 5 && first.budget == 1 && first.ramp && first.gateEvery == nil && first.jitter == 0)
    #expect(second.window == 5 && second.budget == 2 && !second.ramp && second.gateEvery == 3 && second.jitter == 2)
    #expect(first.seed != second.seed)
  }

  @Test(arguments: [
    ("{ window = 0 }", "'window' should be a number of at least 1"), ("{ budget = -1 }", "'budget'"),
    ("{ budget = '200%' }", "'budget'"), ("{ ramp = 1 }", "'ramp' should be true or false"),
    ("{ windows = 1 }", "has no option 'windows'"), ("{ gate = 1 }", "'gate' should be a function"),
  ])
  func `options that make no sense are refused`(_ options: String, _ words: String) async throws {
    let end = try await stage.desk().run("job:each({ 'a' }, \(options), function() end)")
    #expect(end.failure?.code == "runbook.argument")
    #expect(end.failure?.message.contains(words) == true, "\(end.failure?.message ?? "-")")
  }

  @Test(arguments: [
    ("{ 'a', 'a' }", "'a' is in the set twice"), ("{ 5 }", "should be a set"), ("5", "should be a set"),
    ("{ 'a/b' }", "cannot be the name of a step"),
  ])
  func `a set that makes no sense is refused`(_ set: String, _ words: String) async throws {
    let end = try await stage.desk().run("job:each(\(set), function() end)")
    #expect(end.failure != nil)
    let text = "\(end.failure?.message ?? "") \(end.failure?.hint ?? "")"
    #expect(text.contains(words), "\(text)")
  }

  @Test func `sets, texts and records are items`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(
      """
      job:each(set 'w[1-2]', { name = 'a' }, function(h) mark('a', h) end)
      job:each('w[3-4]', { name = 'b' }, function(h) mark('b', h) end)
      job:each({ { host = 'w5' }, { name = 'w6' }, { bot = 'bot7', host = 'w7' } }, { name = 'c' },
        function(h) mark('c', h) end)
      job:each({}, { name = 'd' }, function(h) mark('d', h) end)
      """
    )
    #expect(end.failure == nil)
    #expect(
      stage.fleet.order == ["a@w1", "a@w2", "b@w3", "b@w4", "c@w5", "c@w6", "c@bot7"]
        || stage.fleet.written == ["a": 2, "b": 2, "c": 3]
    )
  }

  @Test func `the budget that was spent before a crash stays spent`() async throws {
    let body =
      "job:each({ 'w1', 'w2', 'w3', 'w4' }, { name = 'all', budget = 1, window = 1 }, "
      + "function(h) mark('x-' .. h, h) end)"
    stage.fleet.next("x-w1", .fail)
    stage.fleet.next("x-w3", .fail)
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "x-w2@w2" { desk.database.die(after: 0) } }
    let run = try await desk.run(body).run
    stage.fleet.onWrite(nil)
    let end = await (try await stage.desk(.ben)).resume(run)
    #expect(end.failure?.code == "rollout.halted")
    #expect(stage.fleet.written == ["x-w2": 1])
    // Whoever resumes it after that gives it a new one: the failed ones are tried again, the done one is not.
    #expect(await (try await stage.desk(.anna)).resume(run).failure == nil)
    #expect(stage.fleet.written == ["x-w1": 1, "x-w2": 1, "x-w3": 1, "x-w4": 1])
  }

  @Test func `items are the same when a run is resumed, whatever the site says by then`() async throws {
    let body =
      "local hosts = look('hosts') == 'two' and { 'w1', 'w2' } or { 'w3' } "
      + "job:each(hosts, { name = 'all', window = 1 }, function(h) mark('x', h) end)"
    stage.fleet.set("hosts", "two")
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "x@w2" { desk.database.die(after: 0) } }
    let run = try await desk.run(body).run
    stage.fleet.onWrite(nil)
    stage.fleet.set("hosts", "other")
    #expect(await (try await stage.desk(.ben)).resume(run).failure == nil)
    #expect(stage.fleet.order == ["x@w1", "x@w2"])
  }

  @Test(arguments: [
    ("true", nil), ("false", "the gate returned false"), ("'too slow'", "too slow"), ("nil", "the gate returned nil"),
    ("fail('x.y', 'broken')", "broken"),
  ])
  func `a gate lets go on, or says why not`(_ verdict: String, _ words: String?) async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:each({ 'w1', 'w2' }, { name = 'all', window = 1, gate = function(done) "
        + "if look('live') == 'no' then return true end return \(verdict) end }, function(h) mark('x', h) end)"
    )
    if let words {
      #expect(end.failure?.code == "rollout.halted")
      #expect(end.failure?.message.contains(words) == true)
      #expect(stage.fleet.written == ["x": 1])
      #expect(try await desk.state(end.run) == .halted)
    } else {
      #expect(end.failure == nil)
    }
  }

  @Test func `gates of two loops do not answer for each other`() async throws {
    let body = """
      for _, n in ipairs { 'a', 'b' } do
        job:each({ 'w1', 'w2' }, { name = n, window = 1, gate = function() return look('gate ' .. n) ~= 'bad' end },
          function(h) mark(n, h) end)
      end
      mark('end')
      """
    stage.fleet.next("end", .fail)
    let desk = try await stage.desk()
    let run = try await desk.run(body).run
    let reads = try await desk.journal.replay(of: run).reads.keys.filter { $0.contains("gate") }.sorted()
    #expect(reads == ["a/gate 1", "a/gate 2", "b/gate 1", "b/gate 2"])
  }

  @Test func `an item may be tried several times before it counts as failed`() async throws {
    stage.fleet.next("x-w1", .fail, .fail)
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:each({ 'w1', 'w2' }, { name = 'all', retry = 2, budget = 0 }, function(h) mark('x-' .. h, h) end)"
    )
    #expect(end.failure == nil)
    #expect(try await desk.journal.steps(of: end.run).first { $0.path == "all/w1" }?.attempt == 3)
    #expect(try await desk.journal.steps(of: end.run).first { $0.path == "all" }?.attempt == 1)
  }

  @Test func `an item that keeps failing is not tried over by the loop as well`() async throws {
    stage.fleet.next("x-w1", .fail, .fail, .fail, .fail, .fail, .fail)
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:each({ 'w1', 'w2' }, { name = 'all', retry = 1, budget = 0, window = 1 }, function(h) mark('x-' .. h, h) end)"
    )
    #expect(end.failure?.code == "rollout.halted")
    #expect(try await desk.journal.operations(of: end.run).count == 2)
  }

  @Test func `a gate is not asked while nothing has been changed yet`() async throws {
    let desk = try await stage.desk()
    let plan = try await desk.plan(
      "job:each({ 'w1', 'w2' }, { name = 'all', gate_every = 1, gate = function() mark('asked') return 'it is not new' end }, "
        + "function(h) mark('x', h) end)"
    )
    #expect(plan.failure == nil)
    #expect(plan.plan?.operations.map(\.target.name).sorted() == ["w1", "w2"])
  }
}

import Journal
import OpshTesting
import PrimitiveKit
import Testing

struct StepTests {
  let stage = Stage()

  @Test func `a run answers what its runbook returns`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run("return job:step('a', function() return mark('x') end)")
    #expect(end.failure == nil)
    #expect(end.value == .string("x, 1"))
    #expect(end.exitCode == .ok)
    #expect(try await desk.state(end.run) == .ok)
    #expect(stage.fleet.written == ["x": 1])
  }

  @Test func `steps within steps are written down under their whole path`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(
      "job:step('a', function(job) job:step('b', function(job) job:step('c', function() mark('x') end) end) end)"
    )
    #expect(end.failure == nil)
    #expect(try await desk.journal.steps(of: end.run).map(\.path) == ["a", "a/b", "a/b/c"])
    #expect(try await desk.journal.operations(of: end.run).map(\.step) == ["a/b/c"])
  }

  @Test func `two steps of one name are refused before the second begins`() async throws {
    let desk = try await stage.desk(yes: true)
    let end = try await desk.run("for _ = 1, 2 do job:step('a', function() mark('x') end) end")
    #expect(end.failure?.code == "runbook.duplicate_step")
    #expect(end.failure?.message == "two steps are named 'a'")
    #expect(stage.fleet.written.isEmpty)
  }

  @Test func `the same name below different steps is fine`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(
      "for i = 1, 2 do job:step('s' .. i, function(job) job:step('x', function() mark('w' .. i) end) end) end"
    )
    #expect(end.failure == nil)
    #expect(stage.fleet.written == ["w1": 1, "w2": 1])
  }

  @Test(arguments: ["''", "'a/b'", "'a~2'", "'a#b'", "'a\\nb'", "('x'):rep(121)"])
  func `a name that could be mistaken for another is refused`(_ name: String) async throws {
    let end = try await stage.desk().run("job:step(\(name), function() end)")
    #expect(end.failure?.code == "runbook.argument")
    #expect(end.failure?.message.contains("cannot be the name of a step") == true)
  }

  @Test func `wrong options are named with the step and with what there is`() async throws {
    let desk = try await stage.desk()
    let unknown = try await desk.run("job:step('a', function() end, { retires = 3 })")
    #expect(unknown.failure?.code == "runbook.argument")
    #expect(unknown.failure?.message.contains("has no option 'retires'") == true)
    #expect(unknown.failure?.hint?.contains("retry") == true)
    let type = try await desk.run("job:step('a', function() end, { timeout = true })")
    #expect(type.failure?.message.contains("'timeout' should be seconds") == true)
    let body = try await desk.run("job:step('a', 5)")
    #expect(body.failure?.message.contains("the body should be a function, got a number") == true)
    let policy = try await desk.run("job:step('a', function() end, { on_failure = 'explode' })")
    #expect(policy.failure?.message.contains("'on_failure' should be") == true)
    let undo = try await desk.run("job:step('a', function() end, { undo = 'later' })")
    #expect(undo.failure?.message.contains("'undo' should be a function, got a string") == true)
  }

  @Test(arguments: [
    ("function() return function() end end", "function"), ("function() return coroutine.create(print) end", "thread"),
  ])
  func `a step that answers no data is a clear error`(_ body: String, _ type: String) async throws {
    let desk = try await stage.desk()
    let end = try await desk.run("mark('x') return job:step('a', look('live') == 'yes' and \(body) or print)")
    #expect(end.failure?.code == "value.type")
    #expect(end.failure?.message.contains(type) == true)
    #expect(try await desk.state(end.run) == .failed)
  }

  @Test(arguments: ["nil", "false", "0", "1.5", "2.0", "1/0", "'text'", "{}", "{ 1, 2 }", "{ a = { b = { 1 } } }"])
  func `a step's answer is the same when it comes from the journal`(_ literal: String) async throws {
    let body =
      "local a = job:step('a', function() return \(literal) end) job:step('b', function() mark('b') end) return a"
    let whole = Stage()
    let straight = try await whole.desk().run(body)
    #expect(straight.failure == nil)
    stage.fleet.next("b", .fail)
    let first = try await stage.desk().run(body)
    #expect(first.failure?.code == "test.failed")
    let second = await (try await stage.desk(.ben)).resume(first.run)
    #expect(second.failure == nil)
    #expect(second.value == straight.value)
  }

  @Test func `a large answer of a step survives a crash`() async throws {
    let body =
      "local t = job:step('a', function() return ('x'):rep(3000000) end) "
      + "job:step('b', function() mark('x') end) return #t"
    let desk = try await stage.desk()
    stage.fleet.next("x", .fail)
    let first = try await desk.run(body)
    #expect(first.failure?.code == "test.failed")
    let second = await (try await stage.desk(.ben)).resume(first.run)
    #expect(second.value == .int(3_000_000))
  }

  @Test(arguments: [
    ("error('plain')", "plain"), ("error(42)", "42"), ("error(nil)", "nil"), ("error({})", "table"),
    ("error({ code = 'my.code', message = 'mine' })", "mine"), ("local x = nil; x()", "call a nil value"),
  ])
  func `whatever a runbook raises ends the run with words`(_ body: String, _ words: String) async throws {
    let desk = try await stage.desk()
    let end = try await desk.run("mark('x') if look('live') == 'yes' then \(body) end")
    #expect(end.failure?.message.contains(words) == true, "\(end.failure as Any)")
    #expect(try await desk.state(end.run) == .failed)
  }

  @Test func `a run in a coroutine of its own still has its job`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(
      """
      local co = coroutine.wrap(function()
        coroutine.yield(job:step('a', function() return mark('x') end))
        return job:step('b', function() return mark('y') end)
      end)
      return { co(), co() }
      """
    )
    #expect(end.value == .array([.string("x, 1"), .string("y, 1")]))
  }

  @Test func `a job is no good outside of its runbook`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.start(
      """
      local kept
      return { version = '1.0.0', effects = { 'changes' },
        confirm = { type = 'count', value = function() kept:step('late', function() end) return 1 end },
        check = function(job) kept = job return 1 end,
        run = function(job) end }
      """
    )
    // The function that says what to type has no job, whatever it kept.
    #expect(end.failure != nil)
    #expect(stage.fleet.written.isEmpty)
  }

  @Test func `a runbook has no globals`() async throws {
    let end = try await stage.desk().run("x = 1")
    #expect(end.failure?.code == "runbook.global")
  }
}

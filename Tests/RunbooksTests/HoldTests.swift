import Journal
import OpshTesting
import PrimitiveKit
import Testing

@testable import Runbooks
@testable import Runs

/// `job:hold`: what is taken is given back once, whatever happens in between.
struct HoldTests {
  let stage = Stage()
  private let body = """
    do
      local held <close> = job:hold('h', function() return mark('take') end, function() mark('give') end)
      job:step('a', function() mark('a') end)
    end
    job:step('b', function() mark('b') end)
    """

  @Test func `it is given back at the end of the block`() async throws {
    let desk = try await stage.desk()
    #expect(try await desk.run(body).failure == nil)
    #expect(stage.fleet.order == ["take@web1", "a@web1", "give@web1", "b@web1"])
  }

  @Test func `it may be given back before, and then only once`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(
      """
      local held <close> = job:hold(function() return mark('take') end, function() mark('give') end)
      local value = held.value
      held.release()
      mark('a')
      return value
      """
    )
    #expect(end.value == .string("take, 1"))
    #expect(stage.fleet.order == ["take@web1", "give@web1", "a@web1"])
  }

  @Test func `arguments go to both functions`() async throws {
    let desk = try await stage.desk()
    let end = try await desk.run(
      "local held <close> = job:hold('h', function(a, b) mark('take-' .. a .. b) end, function(a, b) mark('give-' .. a .. b) end, 1, 2)"
    )
    #expect(end.failure == nil)
    #expect(stage.fleet.order == ["take-12@web1", "give-12@web1"])
  }

  @Test func `an error gives it back, and a resume takes it again`() async throws {
    stage.fleet.next("a", .fail)
    let run = try await stage.desk().run(body).run
    #expect(stage.fleet.order == ["take@web1", "give@web1"])
    #expect(await (try await stage.desk(.ben)).resume(run).failure == nil)
    #expect(stage.fleet.order == ["take@web1", "give@web1", "take@web1", "a@web1", "give@web1", "b@web1"])
  }

  @Test func `an error after the block does not take it again`() async throws {
    stage.fleet.next("b", .fail)
    let run = try await stage.desk().run(body).run
    #expect(await (try await stage.desk(.ben)).resume(run).failure == nil)
    #expect(stage.fleet.order == ["take@web1", "a@web1", "give@web1", "b@web1"])
  }

  @Test func `a plain error of the runbook gives it back as well`() async throws {
    let body = """
      local held <close> = job:hold('h', function() mark('take') end, function() mark('give') end)
      job:ensure(look('well') == 'yes' or look('live') == 'no', 'it is not well')
      mark('a')
      """
    let run = try await stage.desk().run(body)
    #expect(run.failure?.code == "job.ensure")
    #expect(run.failure?.message.contains("it is not well") == true)
    stage.fleet.set("well", "yes")
    #expect(await (try await stage.desk(.ben)).resume(run.run).failure == nil)
    #expect(stage.fleet.order == ["take@web1", "give@web1", "take@web1", "a@web1", "give@web1"])
  }

  @Test func `Ctrl-C keeps it, and the resumed run gives it back`() async throws {
    let desk = try await stage.desk()
    let interrupts = desk.interrupts
    stage.fleet.onWrite { word in
      guard word == "take@web1" else { return }
      _ = interrupts.press()
      while await interrupts.running.first?.stopped == nil { await Task.yield() }
    }
    let run = try await desk.run(body)
    #expect(run.failure?.code == "run.interrupted")
    #expect(stage.fleet.order == ["take@web1"])
    stage.fleet.onWrite(nil)
    #expect(await (try await stage.desk(.ben)).resume(run.run).failure == nil)
    #expect(stage.fleet.order == ["take@web1", "a@web1", "give@web1", "b@web1"])
  }

  @Test func `what was never given back is given back by a rollback`() async throws {
    let desk = try await stage.desk()
    stage.fleet.onWrite { if $0 == "a@web1" { desk.database.die(after: 0) } }
    let run = try await desk.run(body).run
    stage.fleet.onWrite(nil)
    #expect(stage.fleet.written["give"] == nil)
    let next = try await stage.desk(.ben)
    #expect(await next.resume(run).failure == nil)
    #expect(stage.fleet.written["give"] == 1)
    let other = Stage()
    let dying = try await other.desk()
    other.fleet.onWrite { if $0 == "a@web1" { dying.database.die(after: 0) } }
    let second = try await dying.run(body).run
    other.fleet.onWrite(nil)
    #expect(await (try await other.desk(.ben)).rollback(second).failure == nil)
    #expect(other.fleet.written["give"] == 1)
  }

  @Test func `giving it back may fail, and is tried again on resume`() async throws {
    stage.fleet.next("give", .fail)
    let run = try await stage.desk().run(body)
    #expect(run.failure?.code == "test.failed")
    #expect(await (try await stage.desk(.ben)).resume(run.run).failure == nil)
    #expect(stage.fleet.written == ["take": 1, "a": 1, "give": 1, "b": 1])
  }

  @Test func `a step that is tried again holds anew`() async throws {
    stage.fleet.next("a", .fail)
    let desk = try await stage.desk()
    let end = try await desk.run(
      """
      job:step('s', function(job)
        local held <close> = job:hold('h', function() mark('take') end, function() mark('give') end)
        mark('a')
      end, { retry = 1 })
      """
    )
    #expect(end.failure == nil)
    #expect(stage.fleet.order == ["take@web1", "give@web1", "take@web1", "a@web1", "give@web1"])
  }

  @Test func `what gives back must be a function`() async throws {
    let end = try await stage.desk().run("local h <close> = job:hold('h', function() end, 'later')")
    #expect(end.failure?.code == "runbook.argument")
    #expect(end.failure?.message.contains("what gives it back should be a function, got a string") == true)
  }
}

import Foundation
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Scripting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TimeTests {
  @Test(arguments: [
    ("return time.now()", Value.number(Bench.beginning)),
    ("return time.format(time.now())", .string("2026-11-21T03:14:07Z")),
    ("return time.format(time.now(), '+05:30', 3)", .string("2026-11-21T08:44:07.250+05:30")),
    ("return time.parse '2026-11-21T03:14:07Z'", .int(1_795_230_847)),
    ("return time.parse '2026-11-21T03:14:07.5Z'", .number(1_795_230_847.5)),
    ("return time.parse(time.format(12.25, 'local', 2))", .number(12.25)),
    ("return time.duration '1m30s'", .int(90)), ("return time.duration '250ms'", .number(0.25)),
    ("return time.duration(5)", .int(5)), ("return time.short(760)", .string("12m40s")),
    ("sleep '90s' return time.monotonic()", .number(90)), ("sleep(0) return time.now()", .number(Bench.beginning)),
    ("local a = time.now() sleep(2) return time.now() - a", .number(2)),
  ])
  func `times and lengths are told, read and written`(code: String, value: Value) async throws {
    #expect(try await Bench().run(code) == [value])
  }

  @Test(arguments: [
    ("time.parse 'soon'", #"time.parse: "soon" is no point in time"#),
    ("time.parse '2026-11-21T03:14:07'", #"time.parse: "2026-11-21T03:14:07" has no time zone"#),
    ("time.format(1e15)", "time.format: 1000000000000000.0 is outside of the years 0 to 9999"),
    ("time.format(0/0)", "time.format: "), ("time.format(0, 'Mars')", #"time.format: "Mars" is no time zone"#),
    ("time.format(0, 'UTC', 9)", "time.format: 'digits' should be 0 to 6, got 9"),
    ("time.duration 'long'", #"time.duration: 'text' should be a duration such as 30 or "1m30s", got "long""#),
    ("sleep(-1)", "sleep: 'duration' should be a duration"), ("sleep()", "sleep: 'duration' is missing"),
    ("wait_until()", "wait_until: expected a table of arguments, got a nil"),
    ("wait_until{ deadline = 5 }", "wait_until: 'probe' should be a function, got a nil"),
    ("wait_until{ probe = function() end }", "wait_until: 'deadline' is missing"),
    ("wait_until{ deadlin = 5, probe = function() end }", "wait_until: no argument named 'deadlin'"),
  ])
  func `a mistake says what is wrong`(code: String, message: String) async throws {
    let failure = try await #require(throws: CallFailure.self) { try await Bench().run(code) }
    #expect(failure.message.contains(message), "\(failure.message)")
  }

  @Test func `a wait ends when its probe says yes and keeps saying so`() async throws {
    let code = """
      local calls, since = 0, time.monotonic()
      local said = wait_until{ what = "three", deadline = "1m", every = 2, settle = 5, probe = function()
        calls = calls + 1
        return calls ~= 2 and calls ~= 4 and calls
      end }
      return said, time.monotonic() - since
      """
    // Looks at 0 (yes), 2 (no), 4 (yes), 6 (no), 8, 10, 12 and 14 s: held for 5 s at 14 s.
    #expect(try await Bench().run(code) == [.int(8), .number(14)])
  }

  @Test func `a wait that fails says what its probe said last`() async throws {
    let code = "wait_until{ what = 'the gateway answers', deadline = '3s', probe = function() return false end }"
    let failure = try await #require(throws: CallFailure.self) { try await Bench().run(code) }
    #expect(failure.failureClass == .failed)
    #expect(failure.message == "the gateway answers: not reached within 3 s; the last check returned false")
  }

  @Test func `a host that is down is waited for, a mistake in the probe is not`() async throws {
    let down = Primitive("down", "Fails.", effect: .reads, returns: "", examples: []) {
      () async throws(CallFailure) -> Value in
      throw CallFailure(.unavailable, code: "host.unreachable", message: "web1 does not answer")
    }
    let code = "wait_until{ what = 'web1', deadline = 3, probe = function() return down() end }"
    let failure = try await #require(throws: CallFailure.self) { try await Bench().run(code, with: [down]) }
    #expect(failure.message == "web1: not reached within 3 s; the last check returned web1 does not answer")
    let bench = Bench()
    let mistake = try await #require(throws: CallFailure.self) {
      try await bench.run("wait_until{ deadline = 3, probe = function() return nil + 1 end }")
    }
    #expect(mistake.message.contains("attempt to perform arithmetic on a nil value"))
    #expect(bench.clock.now.offset == .zero)
  }

  @Test func `a probe that calls what it may not is not waited for`() async throws {
    let change = Primitive("change", "Changes.", effect: .changes, returns: "", examples: []) {
      () async throws(CallFailure) -> Value in
      .null
    }
    let beyond = Primitive("beyond", "Needs a capability.", effect: .reads, returns: "", examples: []) {
      () async throws(CallFailure) -> Value in
      throw CallFailure(.refused, .faulty, code: "test.capability", message: "plugin 'x' may not call beyond")
    }
    for (name, message) in [
      ("change", "change has the effect 'changes', but check allows only 'reads'"),
      ("beyond", "plugin 'x' may not call beyond"),
    ] {
      let bench = Bench()
      let code = "wait_until{ deadline = 3, probe = function() return \(name)() end }"
      let failure = try await #require(throws: CallFailure.self) {
        try await bench.run(code, in: CallContext(allowed: [.reads], name: "check"), with: [change, beyond])
      }
      #expect(failure.message == message)
      #expect(bench.clock.now.offset == .zero)
    }
  }

  @Test(arguments: [
    "sleep '1h'", "wait_until{ deadline = '1h', probe = function() end }", "pcall(sleep, '1h') sleep(5)",
  ])
  func `Ctrl-C ends a wait`(code: String) async throws {
    let bench = Bench()
    let engine = try bench.engine()
    let work = Task { try await engine.run(code, name: "=test", kind: .script) }
    await bench.clock.sleepers(atLeast: 1)
    engine.cancel()
    let failure = await #expect(throws: CallFailure.self) { try await work.value }
    #expect(failure?.isStop == true)
  }

  @Test func `a dry run waits for nothing and expects the time`() async throws {
    let bench = Bench(isDryRun: true)
    let context = bench.context(MemoryRecord(), .dry, moment: 1_795_000_000)
    let code = """
      sleep '10m'
      local reached = wait_until{ what = "nothing", deadline = "1h", probe = function() error "not called" end }
      return reached, time.now(), time.monotonic()
      """
    #expect(try await bench.run(code, in: context) == [.bool(true), .number(1_795_000_000), .number(0)])
    #expect(await context.run?.expectedSeconds == 600)
    #expect(await context.run?.descriptions["step"] == ["wait for nothing, at most 3600 s"])
  }

  @Test func `a resumed run gets the same times and does not wait again`() async throws {
    let record = MemoryRecord()
    let first = Bench()
    let code = "local now = time.now() sleep '1h' return now, time.monotonic(), time.monotonic() >= 3600"
    let told = try await first.run(code, in: first.context(record))
    #expect(told == [.number(Bench.beginning), .number(3600), .bool(true)])
    let second = Bench()
    second.clock.advance(by: .seconds(5))
    let code2 = code.replacing(
      ", time.monotonic() >= 3600",
      with: ", time.monotonic() >= 3600, time.monotonic() >= 3600"
    )
    #expect(try await second.run(code2, in: second.context(record)) == told + [.bool(true)])
    #expect(second.clock.now.offset == .seconds(5))
  }

  @Test func `a run that is asked to stop ends its sleep within a second`() async throws {
    let bench = Bench()
    let context = bench.context(MemoryRecord())
    let stop = CallFailure(.cancelled, .interrupted, code: "run.interrupted", message: "the run stops")
    let work = Task {
      try await CallContext.$current.withValue(context) {
        try await bench.engine().run("sleep '1h'", name: "=test", kind: .script)
      }
    }
    await bench.clock.sleepers(atLeast: 1)
    await context.run?.stopStarting(stop)
    bench.clock.advance(by: .seconds(1))
    let failure = await #expect(throws: CallFailure.self) { try await work.value }
    #expect(failure?.mark == .interrupted)
  }
}

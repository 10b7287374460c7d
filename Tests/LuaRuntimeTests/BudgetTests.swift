import LuaRuntime
import PrimitiveKit
import Testing

/// What a call may use up, and that the engine is as good as before when it used more.
@Suite(.timeLimit(.minutes(1)))
struct BudgetTests {
  static let loops = [
    "while true do end", "while true do pcall(function() while true do end end) end",
    "while true do coroutine.wrap(function() for i = 1, 1e6 do end end)() end",
    "local x <close> = setmetatable({}, { __close = function() while true do end end }) while true do end",
    "xpcall(function() while true do end end, function() while true do end end)",
    "table.sort({ 3, 2, 1 }, function() while true do end end)", "while true do whoami() end",
    "while true do pcall(host.look) end", "while true do load('return 1')() end",
    "local s = ('a'):rep(40) while true do s:find(('a*'):rep(20) .. 'b') end",
    "local s = ('a'):rep(1000) return s:gsub(('a-'):rep(12) .. 'b', '')",
    "while true do host.run() end",
    "while true do string.rep('x', 1000) end",
  ]

  private func call(_ source: String, _ budget: LuaBudget, load: Bool = false) async throws -> (
    CallFailure?, AuthorityWorld
  ) {
    let world = try AuthorityWorld()
    let plugin = try await world.plugin("busy", may: ["whoami", "host.run"])
    let function = try #require(
      try await world.module("return { f = function() \(source) end }", plugin)["f"]?.function
    )
    var failure: CallFailure?
    do throws(CallFailure) {
      let answers = try await world.engine.call(function, [], budget: budget)
      Issue.record("did not fail, but answered \(answers)")
    } catch {
      failure = error
    }
    #expect(
      try await world.engine.call(
        try #require(try await world.module("return { f = whoami }", plugin)["f"]?.function),
        []
      ) == [.string("busy")]
    )
    #expect(try await world.run("return host.look()") == [.string("x")])
    return (failure, world)
  }

  @Test(arguments: loops)
  func `a call that takes too much processor time ends`(source: String) async throws {
    let (failure, _) = try await call(source, LuaBudget(processor: .milliseconds(50)))
    #expect(failure?.code == "plugin.time")
    #expect(failure?.message == "a call of plugin 'busy' used more than 50 ms of processor time")
    #expect(failure?.failureClass == .failed)
    // The time may be up within what the loop loads and calls.
    let outer = failure?.trace.first { $0 != #"[string "return 1"]:1"# || !source.contains("load('return 1')") }
    #expect(outer == "init.lua:1", "\(failure?.trace ?? [])")
  }

  @Test func `a call may be given a number of instructions`() async throws {
    let (failure, _) = try await call("for i = 1, 1e9 do end", LuaBudget(processor: nil, instructions: 10_000))
    #expect(failure?.message == "a call of plugin 'busy' ran more than 10000 instructions")
  }

  @Test func `a call that waits too long ends, and what it waits for is cancelled`() async throws {
    let primitives = TestPrimitives()
    let engine = try primitives.engine()
    let authority = try await engine.authority(named: "slow", permit: { _, _ in }, modules: [])
    let module = try await engine.load(
      module: "return { f = function() while true do pcall(test.forever) end end }",
      name: "@init.lua",
      authority: authority
    )
    let function = try #require(module["f"]?.function)
    let failure = await #expect(throws: CallFailure.self) {
      try await engine.call(function, [], budget: LuaBudget(wall: .milliseconds(30)))
    }
    #expect(failure?.code == "plugin.time")
    #expect(failure?.message == "a call of plugin 'slow' took longer than 30 ms")
    #expect(primitives.called == ["forever"])
    #expect(try await engine.script("return test.wait(1)") == [.int(1)])
  }

  // The one that waited was stopped for it, and counted as faulty.
  @Test func `time in which the code of others keeps the thread is no time of a call`() async throws {
    let world = try AuthorityWorld()
    let (calm, greedy) = (try await world.plugin("calm", may: ["host.run"]), try await world.plugin("greedy", may: []))
    let waits = try await world.module("return { f = function() for i = 1, 20 do host.run() end return 1 end }", calm)
    let loops = try await world.module("return { f = function() while true do end end }", greedy)
    let (one, other) = (try #require(waits["f"]?.function), try #require(loops["f"]?.function))
    let looping = Task {
      try await world.engine.call(other, [], budget: LuaBudget(processor: .milliseconds(1500)))
    }
    #expect(try await world.engine.call(one, [], budget: LuaBudget(wall: .seconds(1))) == [.int(1)])
    await #expect(throws: CallFailure.self) { try await looping.value }
    let kept = world.engine.kept
    #expect(kept["greedy", default: .zero] >= .milliseconds(1400))
  }

  @Test func `time in which a call waits is no processor time`() async throws {
    let world = try AuthorityWorld()
    let plugin = try await world.plugin("calm", may: ["host.run"])
    let source = "return { f = function() for i = 1, 200 do host.run() end return 1 end }"
    let function = try #require(try await world.module(source, plugin)["f"]?.function)
    #expect(try await world.engine.call(function, [], budget: LuaBudget(processor: .seconds(2))) == [.int(1)])
  }

  @Test(arguments: [
    "local t = {} for i = 1, 1e9 do t[i] = { i } end", "local s = 'x' while true do s = s .. s end",
    "return ('0123456789'):rep(9000000)", "return ('x'):rep(2000000, ('y'):rep(100))",
    "local t = {} while true do pcall(function() for i = 1, 1e9 do t[#t + 1] = { i } end end) end",
    "while true do pcall(function() local t = {} for i = 1, 1e9 do t[i] = { i } end end) end",
    "local t = {} local ok, e = pcall(function() for i = 1, 1e9 do t[i] = { i } end end) return 'caught'",
    "local ok = pcall(string.rep, 'x', 9000000, 'yyyyyyyyyyyyyyyy') return 'caught'",
    "coroutine.wrap(function() local s = 'x' while true do s = s .. s end end)()",
    "local t = {} for i = 1, 1e9 do t[i] = coroutine.create(print) end",
    "local s = ('x'):rep(1000000) return (s:gsub('x', s))",
    "local t = {} for i = 1, 1e6 do t[i] = ('x'):rep(100) end return table.concat(t)",
    "rawset(_G, 'keep', {}) for i = 1, 1e9 do keep[i] = tostring(i) end",
    "local x <close> = setmetatable({}, { __close = function() while true do end end }) local s = 'x' while true do s = s .. s end",
    "return load(function() return ('x'):rep(1000) end)",
  ])
  func `a call that takes too much memory ends, whatever it catches`(source: String) async throws {
    let (failure, world) = try await call(source, LuaBudget(processor: .seconds(20), memory: 4 << 20))
    #expect(failure?.code == "plugin.memory", "\(failure as Any)")
    #expect(failure?.message == "a call of plugin 'busy' needed more than 4 MiB of memory")
    // Only the globals of the plugin are still held.
    #expect(await world.engine.memory < 32 << 20)
  }

  @Test func `memory that others left behind is no room, and what a call frees is`() async throws {
    let world = try AuthorityWorld()
    let plugin = try await world.plugin("steady")
    let source = """
      return {
        churn = function() for i = 1, 200 do local s = ("x"):rep(500000) .. i end return 1 end,
        grow = function() local t = {} for i = 1, 60 do t[i] = ("x"):rep(500000) .. i end return #t end,
      }
      """
    let module = try await world.module(source, plugin)
    let budget = LuaBudget(memory: 8 << 20)
    #expect(try await world.engine.call(try #require(module["churn"]?.function), [], budget: budget) == [.int(1)])
    try await world.run("local t = {} for i = 1, 100 do t[i] = ('y'):rep(500000) .. i end")
    let failure = await #expect(throws: CallFailure.self) {
      try await world.engine.call(try #require(module["grow"]?.function), [], budget: budget)
    }
    #expect(failure?.code == "plugin.memory")
  }

  @Test func `what other runs take while a call waits is not its own`() async throws {
    let world = try AuthorityWorld()
    let plugin = try await world.plugin("waiting", may: ["host.run"])
    let source =
      "return { f = function() local s = {} for i = 1, 50 do host.run() s[i] = ('x'):rep(1000) .. i end return #s end }"
    let function = try #require(try await world.module(source, plugin)["f"]?.function)
    async let answers = world.engine.call(function, [], budget: LuaBudget(memory: 2 << 20))
    for i in 0..<20 {
      _ = try await world.engine.run(
        "t\(i) = {} for i = 1, 10 do t\(i)[i] = ('y'):rep(100000) .. i end",
        name: "=p",
        kind: .prompt
      )
    }
    #expect(try await answers == [.int(50)])
  }

  @Test(arguments: [
    ("while true do end", "plugin.time"), ("keep = 'x' while true do keep = keep .. keep end", "plugin.memory"),
    ("while true do pcall(function() while true do end end) end", "plugin.time"),
  ])
  func `a plugin that does not end loading is stopped`(source: String, code: String) async throws {
    let world = try AuthorityWorld()
    let plugin = try await world.plugin("endless")
    let failure = await #expect(throws: CallFailure.self) {
      try await world.engine.load(module: source, name: "@init.lua", authority: plugin, instructionBudget: 1_000_000)
    }
    #expect(failure?.code == code)
    #expect(failure?.message.contains("plugin 'endless'") == true)
    #expect(try await world.run("return host.look()") == [.string("x")])
  }

  @Test func `many calls with budgets run at once, and each has its own`() async throws {
    let world = try AuthorityWorld()
    let plugin = try await world.plugin("many", may: ["host.run"])
    let source = """
      return {
        good = function(n) for i = 1, 20 do host.run() end return n end,
        bad = function() while true do for i = 1, 100 do end host.run() end end,
      }
      """
    let module = try await world.module(source, plugin)
    let good = try #require(module["good"]?.function)
    let bad = try #require(module["bad"]?.function)
    let codes = await withTaskGroup(of: String.self) { group in
      for number in 0..<40 {
        group.addTask {
          do throws(CallFailure) {
            let isBad = number % 8 == 0
            let budget = LuaBudget(processor: isBad ? .milliseconds(20) : .seconds(20))
            _ = try await world.engine.call(isBad ? bad : good, [.int(number)], budget: budget)
            return "done"
          } catch {
            return error.code
          }
        }
      }
      var codes: [String: Int] = [:]
      for await code in group { codes[code, default: 0] += 1 }
      return codes
    }
    #expect(codes == ["done": 35, "plugin.time": 5])
  }
}

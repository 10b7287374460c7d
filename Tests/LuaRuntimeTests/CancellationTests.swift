import LuaRuntime
import PrimitiveKit
import Synchronization
import Testing

/// The matrix of repl-lua 2.6: what a script may do, a cancel still ends it.
@Suite(.timeLimit(.minutes(1)))
struct CancellationTests {
  // Each script reports that it is about to loop; then the test cancels.
  static let loops = [
    "print() while true do end",
    "print() while true do pcall(function() while true do end end) end",
    "print() while true do pcall(error) end",
    "print() coroutine.wrap(function() while true do end end)()",
    "print() while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "local co = coroutine.create(function() print() while true do end end) coroutine.resume(co) while true do end",
    "local co = coroutine.create(function() while true do coroutine.yield() end end) print() while true do coroutine.resume(co) end",
    "xpcall(function() print() while true do end end, function() while true do end end)",
    "xpcall(error, function() print() while true do end end)",
    "print() while true do xpcall(function() while true do pcall(function() while true do end end) end end, tostring) end",
    "local x <close> = setmetatable({}, { __close = function() while true do end end }) print() while true do end",
    "local x <close> = setmetatable({}, { __close = function() while true do pcall(function() while true do end end) end end }) print() while true do end",
    """
    local function loop() while true do end end
    local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = loop }) coroutine.yield() end)
    coroutine.resume(co)
    print()
    coroutine.close(co)
    """,
    "print() table.sort({ 3, 2, 1 }, function() while true do end end)",
    "print() string.gsub('a', 'a', function() while true do end end)",
    "tostring(setmetatable({}, { __tostring = function() print() while true do end end }))",
    "error(setmetatable({}, { __tostring = function() print() while true do end end }))",
    "print() while true do test.add(1, 2) end",
    "print() while true do pcall(test.fail) end",
    "print() while true do test.wait() end",
    "print() while true do pcall(test.wait) end",
    "print() while true do coroutine.wrap(function() test.wait() end)() end",
    "print() while true do load('return 1')() end",
    "print() load(function() while true do end end)",
    "print() local s = string.rep('a', 40) while true do s:find(string.rep('a*', 20) .. 'b') end",
    "print() local s = string.rep('a', 1000) return s:find(string.rep('.-', 12) .. 'b')",
    "print() local s = string.rep('a', 1000) return s:gsub(string.rep('a-', 12) .. 'b', '')",
    "print() local s = string.rep('a', 1000) for _ in s:gmatch(string.rep('.-', 12) .. 'b') do end",
  ]

  @Test(arguments: loops)
  func `a cancel ends`(source: String) async throws {
    let started = Signal()
    let engine = try TestPrimitives().engine(started: started)
    let run = Task { await engine.failure(source) }
    await started.wait()
    engine.cancel()
    let failure = await run.value
    #expect(failure?.code == "call.cancelled")
    // The engine is as good as before.
    #expect(try await engine.script("return test.wait(7)") == [.int(7)])
  }

  @Test func `a call that answers at once sees that its run is to stop`() async throws {
    let engine = try TestPrimitives().engine()
    let seen = Mutex<[Bool]>([])
    let long = Primitive(immediate: "long", "Takes long.", returns: "", examples: []) {
      [weak engine] () throws(CallFailure) -> Value in
      seen.withLock { $0.append(CallStop.current.isAsked()) }
      engine?.cancel()
      seen.withLock { $0.append(CallStop.current.isAsked()) }
      throw CallFailure(.failed, code: "test.long", message: "it ended early")
    }
    try await engine.register([long])
    #expect(await engine.failure("pcall(long)")?.code == "call.cancelled")
    #expect(seen.withLock { $0 } == [false, true])
  }

  @Test func `a cancelled task ends its run`() async throws {
    let started = Signal()
    let engine = try TestPrimitives().engine(started: started)
    let run = Task { await engine.failure("print() while true do end") }
    await started.wait()
    run.cancel()
    #expect(await run.value?.code == "call.cancelled")
  }

  @Test func `a cancel reaches the primitive that the script waits for, and its word is the failure`() async throws {
    let primitives = TestPrimitives()
    let engine = try primitives.engine()
    let run = Task { await engine.failure("while true do pcall(test.forever) end") }
    await primitives.waiting.wait()
    engine.cancel()
    let failure = await run.value
    #expect(failure?.code == "call.cancelled")
    #expect(failure?.message == "cancelled; 'sleep' still runs on web1")
    #expect(failure?.trace == ["test.lua:1"])
  }

  @Test func `a cancel ends every run, and only those that had begun`() async throws {
    let primitives = TestPrimitives()
    let engine = try primitives.engine()
    let first = Task { await engine.failure("test.forever()") }
    await primitives.waiting.wait()
    engine.cancel()
    #expect(await first.value?.code == "call.cancelled")
    engine.cancel()
    #expect(try await engine.script("return 1") == [.int(1)])
  }

  @Test func `a cancel says where the script was`() async throws {
    let started = Signal()
    let engine = try TestPrimitives().engine(started: started)
    let run = Task { await engine.failure("print()\nwhile true do\nend", name: "@loop.lua") }
    await started.wait()
    engine.cancel()
    let trace = await run.value?.trace
    #expect(["loop.lua:1", "loop.lua:2", "loop.lua:3"].contains(trace?.first))
  }

  @Test func `a __close variable still runs after a cancel, for a bounded time`() async throws {
    let started = Signal()
    let primitives = TestPrimitives()
    let engine = try primitives.engine(started: started)
    let source = """
      local x <close> = setmetatable({}, { __close = function()
        for i = 1, 100 do closed = i end
      end })
      closed = 0
      print()
      while true do end
      """
    let run = Task {
      do { try await engine.run(source, name: "=a", kind: .prompt) } catch {}
    }
    await started.wait()
    engine.cancel()
    await run.value
    #expect(try await engine.run("closed", name: "=b", kind: .prompt) == [.int(100)])
  }

  @Test(arguments: ["while true do end", "while true do pcall(function() while true do end end) end", "test.forever()"])
  func `a run that takes too long ends`(source: String) async throws {
    let engine = try TestPrimitives().engine(LuaConfiguration(timeLimit: .milliseconds(50)))
    let failure = await engine.failure(source)
    #expect(failure?.code == "call.timeout" || failure?.message == "cancelled; 'sleep' still runs on web1")
  }

  @Test(arguments: [
    "while true do end", "while true do pcall(function() while true do end end) end",
    "while true do coroutine.wrap(function() for i = 1, 1e9 do end end)() end",
  ])
  func `a run with too many instructions ends`(source: String) async throws {
    let engine = try TestPrimitives().engine(LuaConfiguration(instructionLimit: 100_000))
    #expect(await engine.failure(source)?.code == "lua.instructions")
  }

  @Test func `many cancels in a row find no gap`() async throws {
    let engine = try TestPrimitives().engine()
    for round in 0..<200 {
      let started = Signal()
      let run = Task {
        started.fire()
        return await engine.failure(
          "while true do local ok = pcall(coroutine.wrap(function() pcall(test.wait, 1) for i = 1, 10 do end end)) end"
        )
      }
      await started.wait()
      for _ in 0..<(round % 7) { await Task.yield() }
      run.cancel()
      #expect(await run.value?.code == "call.cancelled")
    }
    #expect(try await engine.script("return 1") == [.int(1)])
  }
}

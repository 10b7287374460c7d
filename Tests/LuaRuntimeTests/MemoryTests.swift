import LuaRuntime
import PrimitiveKit
import Synchronization
import Testing

/// What a lack of memory does.
///
/// Run it optimised too: `swift test -c release --filter LuaRuntimeTests`.
@Suite(.serialized)
struct MemoryTests {
  /// Counts the objects that live in Swift frames: one left over means that a frame was jumped over.
  final class Frames: Sendable {
    private let alive = Mutex(0)
    private let made = Mutex(0)

    final class Canary: Sendable {
      private let frames: Frames
      init(_ frames: Frames) {
        self.frames = frames
        frames.alive.withLock { $0 += 1 }
        frames.made.withLock { $0 += 1 }
      }
      deinit { frames.alive.withLock { $0 -= 1 } }
    }

    var count: Int { alive.withLock { $0 } }
    var total: Int { made.withLock { $0 } }
  }

  static let script = """
    local t = {}
    for i = 1, 20 do t[i] = tostring(i) .. test.echo(("z"):rep(1000)):sub(1, 3) end
    local ok, e = pcall(test.fail)
    local v = test.wait(3)
    for x in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(test.wait(i)) end end) do v = v + x end
    local s = ("a b c"):gsub("%w", function(c) return test.echo(c) .. c end)
    for k in ("k=v, a=b"):gmatch("(%w+)=") do t[#t + 1] = k end
    local deep = test.echo({ a = { b = { c = { 1, 2, { d = "e" } } } } })
    local _, f = xpcall(function() local x <close> = setmetatable({}, { __close = function() test.wait() end }) error("x") end,
      function(err) return err.message .. #err.trace end)
    local g = load("return ... + 1")
    print(v, e, f, deep, g(1))
    pcall(function() return undefinedName end)
    pcall(table.sort, { 2, 1 }, function() test.wait() end)
    return test.add(v, #t), s, deep
    """

  @Test(.timeLimit(.minutes(2)))
  func `memory may end at any allocation, and no Swift frame is jumped over`() async throws {
    let frames = Frames()
    let configuration = LuaConfiguration(frameWitness: { Frames.Canary(frames) })
    let primitives = TestPrimitives()
    let engine = try primitives.engine(configuration)
    var failures = 0
    var completions = 0
    var count = 0
    while completions < 3 {
      await engine.failAllocations(after: count)
      do throws(CallFailure) {
        let results = try await engine.script(Self.script)
        #expect(results.first == .int(31))
        completions += 1
      } catch {
        #expect(
          error.code == "lua.memory" || error.code == "lua.error" || error.code == "test.failed",
          "\(error) at \(count)"
        )
        failures += 1
      }
      await engine.failAllocations(after: nil)
      #expect(frames.count == 0, "a Swift frame was skipped when allocation \(count) failed")
      #expect(try await engine.script("return test.add(2, 2), test.wait(5)") == [.int(4), .int(5)])
      count += 1
      try #require(count < 20_000)
    }
    #expect(failures > 100)
    #expect(frames.total > failures)
  }

  @Test(.timeLimit(.minutes(2)))
  func `memory may end at any allocation of a run that traces`() async throws {
    let frames = Frames()
    let engine = try TestPrimitives().engine(LuaConfiguration(frameWitness: { Frames.Canary(frames) }))
    let source = """
      local t = { a = 1, [1 + 1] = test.wait(2) }
      local x = (u.code + 1 .. "x"):upper()
      local ok = unwrap(x == "7X" or not u, true)
      if ok and t[#t + 2] == 2 then t.b = test.echo(u.text[1]) end
      local f = load(function() local s = source source = nil return s end)
      local e = select(2, pcall(function() return t
        < 1 end))
      if not pcall(function() if u then end end) then print("never") end
      return f(2), e
      """
    let globals: [String: Value] = ["u": UnknownTests.unknown, "source": .string("return ... == 2")]
    var stops = 0
    var count = 0
    while stops < 3 {
      await engine.failAllocations(after: count)
      let error = await #expect(throws: CallFailure.self) {
        try await engine.run(source, name: "@t.lua", kind: .script, globals: globals, tracing: true)
      }
      await engine.failAllocations(after: nil)
      if error?.code == "plan.inexact" { stops += 1 } else { stops = 0 }
      let isExpected = ["lua.memory", "lua.error", "plan.inexact"].contains(error?.code)
      #expect(isExpected, "\(error as Any) at \(count)")
      #expect(frames.count == 0, "a Swift frame was skipped when allocation \(count) failed")
      #expect(try await engine.script("return ('x'):rep(2), math.max(2, 3)") == [.string("xx"), .int(3)])
      count += 1
      try #require(count < 20_000)
    }
    #expect(count > 100)
  }

  @Test func `memory may end at any allocation of an entry at the prompt`() async throws {
    let engine = try TestPrimitives().engine()
    var completions = 0
    var count = 0
    while completions < 3 {
      await engine.failAllocations(after: count)
      do throws(CallFailure) {
        _ = try await engine.run("local a, b = 1, { x = 2 } function f() return a end", name: "=p", kind: .prompt)
        _ = try await engine.run("{ f(), a, b, print, coroutine.create(f) }", name: "=p", kind: .prompt)
        _ = await engine.names(under: ["test"])
        completions += 1
      } catch {
        #expect(error.code == "lua.memory", "\(error)")
      }
      await engine.failAllocations(after: nil)
      count += 1
      try #require(count < 20_000)
    }
    #expect(try await engine.run("f() + b.x", name: "=p", kind: .prompt) == [.int(3)])
  }

  @Test(arguments: [
    "local t = {} for i = 1, 1e9 do t[i] = { i } end",
    "local s = 'x' while true do s = s .. s end",
    "return ('0123456789'):rep(9000000)",
    "local t = {} while true do pcall(function() for i = 1, 1e9 do t[#t + 1] = { i } end end) end",
    "local t = {} local ok, e = pcall(function() for i = 1, 1e9 do t[i] = { i } end end) error(e)",
  ])
  func `the limit ends a script, and the engine goes on`(source: String) async throws {
    let engine = try TestPrimitives().engine(LuaConfiguration(memoryLimit: 16 << 20, timeLimit: .seconds(1)))
    let failure = await engine.failure(source)
    #expect(failure?.code == "lua.memory" || failure?.code == "call.timeout")
    #expect(try await engine.script("return test.wait(1)") == [.int(1)])
    #expect(await engine.memory < 32 << 20)
  }
}

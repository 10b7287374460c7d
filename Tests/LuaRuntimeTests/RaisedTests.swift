import LuaRuntime
import PrimitiveKit
import Testing

/// What a script raises and catches itself.
struct RaisedTests {
  @Test(arguments: [
    "local ok, e = pcall(error, nil) return ok, e == nil",
    "local ok, e = pcall(error, 42) return ok, math.type(e) == 'integer' and e == 42",
    "local ok, e = pcall(error, false) return ok, e == false",
    "local ok, e = pcall(error, print) return ok, e == print",
    "local t = { n = 1 } local ok, e = pcall(error, t) return ok, e == t and next(e, 'n') == nil and getmetatable(e) == nil",
    "local t = { code = 'x' } local ok, e = pcall(error, t) return ok, e == t and next(e, 'code') == nil",
    "local t = setmetatable({}, { __index = { a = 1 } }) local ok, e = pcall(error, t) return ok, e == t and e.a == 1",
    "local t = {} local ok, e = xpcall(error, function(e) return e end, t) return ok, e == t",
    "local t = {} local ok, e = coroutine.resume(coroutine.create(function() error(t) end)) return ok, e == t",
    "local t = {} local ok, e = pcall(coroutine.wrap(function() error(t) end)) return ok, e == t",
    "local ok, e = pcall(function() local ok, e = pcall(error, 7) error(e) end) return ok, e == 7",
    """
    local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() error(8) end })
      coroutine.yield() end)
    coroutine.resume(co)
    local ok, e = coroutine.close(co)
    return ok, e == 8
    """,
  ])
  func `a value comes back from pcall as it was raised`(source: String) async throws {
    let results = try await TestPrimitives().engine().script(source)
    #expect(results == [.bool(false), .bool(true)])
    let traced = try await TestPrimitives().engine().run(source, name: "@test.lua", kind: .script, tracing: true)
    #expect(traced == [.bool(false), .bool(true)])
  }

  @Test func `what nobody catches is reported with its fields and place`() async throws {
    let engine = try TestPrimitives().engine()
    let failure = await engine.failure(
      "local t = { code = 'my.code', message = 'no', hint = 'do', class = 'refused' }\nerror(t)"
    )
    #expect(failure?.code == "my.code")
    #expect(failure?.message == "no")
    #expect(failure?.hint == "do")
    #expect(failure?.failureClass == .refused)
    #expect(failure?.trace == ["test.lua:2"])
    let bare = await engine.failure("error(42)")
    #expect(bare?.code == "lua.error")
    #expect(bare?.message == "42")
  }

  @Test func `a table that is caught and raised again keeps its first place`() async throws {
    let failure = try await TestPrimitives().engine()
      .failure("local t = { message = 'no' }\nlocal _, e = pcall(error, t)\n\nerror(e)")
    #expect(failure?.trace == ["test.lua:2"])
  }
}

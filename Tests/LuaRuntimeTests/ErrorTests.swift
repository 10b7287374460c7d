import LuaRuntime
import PrimitiveKit
import Testing

struct ErrorTests {
  @Test func `a failed primitive says where the script called it`() async throws {
    let source = """
      local function inner()
        test.fail()
      end
      inner()
      """
    let failure = try await TestPrimitives().engine().failure(source, name: "@deploy.lua")
    #expect(
      failure
        == CallFailure(
          .failed,
          code: "test.failed",
          message: "it failed",
          hint: "do not call it",
          trace: ["deploy.lua:2 in inner", "deploy.lua:4"]
        )
    )
  }

  @Test func `a function that Lua has no name for is no place`() async throws {
    let failure = try await TestPrimitives().engine().failure(
      "local k = ('f'):rep(1)\nlocal t = { f = function()\nerror('no') end }\nt[k]()"
    )
    #expect(failure?.trace == ["test.lua:3", "test.lua:4"])
  }

  @Test(arguments: [
    ("\n\nlocal x = nil + 1", "lua.error", "test.lua:3: attempt to perform arithmetic on a nil value", ["test.lua:3"]),
    ("error('plain')", "lua.error", "test.lua:1: plain", ["test.lua:1"]),
    ("\nerror({ code = 'my.code', message = 'mine', hint = 'so' })", "my.code", "mine", ["test.lua:2"]),
    ("error({ code = 'my.code' })", "my.code", "my.code", ["test.lua:1"]),
    ("error({})", "lua.error", "the script raised a table without code and message", ["test.lua:1"]),
    ("error()", "lua.error", "the script raised a nil instead of an error", ["test.lua:1"]),
    ("error(42)", "lua.error", "42", ["test.lua:1"]),
    (
      "error(setmetatable({}, { __tostring = function() return 'text' end }))", "lua.error", "text", ["test.lua:1"]
    ),
    ("\nx = = 1", "lua.syntax", "test.lua:2: unexpected symbol near '='", ["test.lua:2"]),
    ("local function f() return f() + 1 end f()", "lua.error", "stack overflow", ["test.lua:1"]),
    ("coroutine.wrap(function()\n error('deep') end)()", "lua.error", "test.lua:2: deep", ["test.lua:2"]),
    ("test.wait()\ntest.while()", "lua.syntax", "<name> expected near 'while'", []),
    ("test.wait()\ntest.break()", "test.broken", "it broke", ["test.lua:2"]),
    ("test.wait()\ntest['break']()", "test.broken", "it broke", ["test.lua:2"]),
    ("string.rep()", "lua.error", "bad argument #1 to 'rep' (string expected, got no value)", ["test.lua:1"]),
  ])
  func `an error tells code, message and place`(source: String, code: String, message: String, trace: [String])
    async throws
  {
    let failure = try await TestPrimitives().engine().failure(source)
    #expect(failure?.code == code)
    #expect(failure?.message.contains(message) == true, "\(failure as Any)")
    if let place = trace.first { #expect(failure?.trace.first?.hasPrefix(place) == true) }
  }

  @Test func `pcall gives a table whose text is the message`() async throws {
    let results = try await TestPrimitives().engine().script(
      """
      local ok, e = pcall(error, "plain", 0)
      local _, f = pcall(test.fail)
      local _, g = pcall(error, { code = "mine", n = 7 })
      return ok, e.code, tostring(e), "so: " .. e, f.code, f.hint, f.trace[1], g.n, type(e)
      """
    )
    #expect(
      results == [
        .bool(false), .string("lua.error"), .string("plain"), .string("so: plain"), .string("test.failed"),
        .string("do not call it"), .string("test.lua:2"), .int(7), .string("table"),
      ]
    )
  }

  @Test func `an error raised again keeps its first place`() async throws {
    let failure = try await TestPrimitives().engine().failure("local _, e = pcall(test.fail)\n\nerror(e)")
    #expect(failure?.trace == ["test.lua:1"])
  }

  @Test func `xpcall's handler gets the table, and what it returns is the result`() async throws {
    let results = try await TestPrimitives().engine().script(
      "return xpcall(function(a) error('no' .. a, 0) end, function(e) return e.code .. '|' .. e.message end, 1)"
    )
    #expect(results == [.bool(false), .string("lua.error|no1")])
  }

  @Test func `an effect that the context does not allow is refused before the body runs`() async throws {
    let primitives = TestPrimitives()
    let engine = try primitives.engine()
    let failure = await CallContext.$current.withValue(CallContext(allowed: [.reads], name: "check")) {
      await engine.failure("test.change()")
    }
    #expect(failure?.message == "test.change has the effect 'changes', but check allows only 'reads'")
    #expect(primitives.called.isEmpty)
  }

  @Test(arguments: [
    ("test.echo(print)", "test.echo: argument 1 is a function, which is not data"),
    ("test.echo(coroutine.create(print))", "test.echo: argument 1 is a thread, which is not data"),
    ("test.echo({ a = { 1, print } })", "test.echo: argument 1.a[2] is a function, which is not data"),
    ("test.echo({ 1, x = 2 })", "test.echo: argument 1 mixes a list with named fields"),
    ("test.echo({ 1, nil, 3 })", "test.echo: argument 1 is a list with holes"),
    ("test.echo({ [true] = 1 })", "test.echo: argument 1 has a key that is neither a name nor a list position"),
    ("local t = {} t.t = t test.echo(t)", "is nested more than 64 levels deep"),
    ("local t = {} for i = 1, 60 do t = { t, t } end test.echo(t)", "holds more than 4 million values"),
  ])
  func `what is no data cannot be passed`(source: String, message: String) async throws {
    let failure = try await TestPrimitives().engine().failure(source)
    #expect(failure?.message.contains(message) == true, "\(failure as Any)")
    #expect(failure?.code.hasPrefix("value.") == true)
  }

  @Test func `values cross both ways`() async throws {
    let results = try await TestPrimitives().engine().script(
      """
      return test.echo({ list = { 1, 2.5, "x", { true } }, empty = {}, bytes = "\\xff\\x00", text = "é\\0" }), test.echo(test.add), test.echo(test), test.wait({ 5 })
      """
    )
    let table: [String: Value] = [
      "list": .array([.int(1), .number(2.5), .string("x"), .array([.bool(true)])]), "empty": .table([:]),
      "bytes": .bytes([0xFF, 0]), "text": .string("é\0"),
    ]
    #expect(results == [.table(table), .string("test.add"), .string("test"), .array([.int(5)])])
  }
}

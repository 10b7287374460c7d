import LuaRuntime
import PrimitiveKit
import Testing

struct AwaitingTests {
  @Test(arguments: [
    "return test.wait(7)",
    "local ok, value = pcall(test.wait, 7) return value",
    "local ok, value = xpcall(test.wait, print, 7) return value",
    "for value in function() return test.wait(7) end do return value end",
    "for _, value in pairs(setmetatable({}, { __pairs = function(t) test.wait() return next, { 7 } end })) do return value end",
    "return setmetatable({}, { __index = function() return test.wait(7) end }).x",
    "local got; setmetatable({}, { __newindex = function(_, _, v) got = test.wait(v) end }).x = 7 return got",
    "return setmetatable({}, { __add = function(_, b) return test.wait(b) end }) + 7",
    "return setmetatable({}, { __concat = function(_, b) return test.wait(b) end }) .. 7",
    "return #setmetatable({}, { __len = function() return test.wait(7) end })",
    "local m = { __lt = function() return test.wait(true) end } return setmetatable({}, m) < setmetatable({}, m) and 7",
    "local m = { __eq = function() return test.wait(true) end } return setmetatable({}, m) == setmetatable({}, m) and 7",
    "return setmetatable({}, { __call = function(_, v) return test.wait(v) end })(7)",
    "local got do local x <close> = setmetatable({}, { __close = function() got = test.wait(7) end }) end return got",
    """
    local got
    pcall(function()
      local x <close> = setmetatable({}, { __close = function() got = test.wait(7) end })
      error("out")
    end)
    return got
    """,
    "return load('return test.wait(7)')()",
    "local sum = 0 for v in coroutine.wrap(function() for i = 3, 4 do coroutine.yield(test.wait(i)) end end) do sum = sum + v end return sum",
    "local co = coroutine.create(function() return test.wait(7) end) return select(2, coroutine.resume(co))",
    """
    local inner = coroutine.wrap(function() coroutine.yield(test.wait(3)) return test.wait(4) end)
    local outer = coroutine.wrap(function() coroutine.yield(inner()) coroutine.yield(inner()) end)
    return outer() + outer()
    """,
  ])
  func `a script can wait anywhere in plain Lua`(source: String) async throws {
    let primitives = TestPrimitives()
    #expect(try await primitives.engine().script(source) == [.int(7)])
    #expect(!primitives.called.isEmpty)
  }

  @Test(arguments: [
    ("table.sort({ 1, 2 }, function(a, b) test.wait() return a < b end)", "table.sort"),
    ("string.gsub('a', 'a', function() test.wait() end)", "string.gsub"),
    ("return ('a'):gsub('a', function() test.wait() end)", "string.gsub"),
    ("tostring(setmetatable({}, { __tostring = function() test.wait() return '' end }))", "tostring"),
    ("string.format('%s', setmetatable({}, { __tostring = function() test.wait() end }))", "string.format"),
    ("table.concat(setmetatable({}, { __index = function() return test.wait('') end }), '', 1, 1)", "table.concat"),
    ("table.unpack(setmetatable({}, { __index = function() return test.wait(1) end }), 1, 1)", "table.unpack"),
    ("for _ in ipairs(setmetatable({}, { __index = function() return test.wait() end })) do end", "ipairs"),
    ("error(select(2, load(function() test.wait() end)))", "load"),
    ("select(2, xpcall(error, function(e) test.wait() return e end))", "xpcall's message handler"),
    (
      "table.sort({ 1, 2 }, function() coroutine.wrap(function() test.wait() end)() end)", "table.sort"
    ),
    (
      """
      local co = coroutine.create(function()
        local x <close> = setmetatable({}, { __close = function() test.wait() end })
        coroutine.yield()
      end)
      coroutine.resume(co)
      error(select(2, coroutine.close(co)))
      """, "coroutine.close"
    ),
  ])
  func `where nothing can wait, the message names primitive and culprit`(source: String, culprit: String) async throws {
    let primitives = TestPrimitives()
    let source = source.hasPrefix("select") ? "local e = \(source) error(e)" : source
    let failure = await (try primitives.engine()).failure(source)
    if culprit == "xpcall's message handler" {
      // An error in a message handler becomes Lua's own "error in error handling" after some rounds.
      #expect(failure != nil)
    } else {
      #expect(failure?.code == "call.cannot_wait")
      #expect(failure?.message == "'test.wait' has to wait, and nothing can wait inside \(culprit)")
    }
    #expect(primitives.called.isEmpty)
  }

  @Test(arguments: [
    "local t = { 3, 1, 2 } table.sort(t, function(a, b) return test.add(a, 0) < b end) return t[1]",
    "return (('1'):gsub('1', function(d) return test.echo(d) end)) + 0",
    "return tonumber(tostring(setmetatable({}, { __tostring = function() return test.echo('1') end })))",
  ])
  func `an immediate primitive is callable there`(source: String) async throws {
    #expect(try await TestPrimitives().engine().script(source) == [.int(1)])
  }

  @Test func `runs interleave while one waits`() async throws {
    let primitives = TestPrimitives()
    let engine = try primitives.engine()
    async let first = engine.script("local sum = 0 for i = 1, 50 do sum = sum + test.wait(i) end return sum")
    async let second = engine.script("local sum = 0 for i = 1, 50 do sum = sum + test.wait(-i) end return sum")
    #expect(try await first == [.int(1275)])
    #expect(try await second == [.int(-1275)])
  }

  @Test func `a waiting coroutine cannot be resumed by another run`() async throws {
    let primitives = TestPrimitives()
    let engine = try primitives.engine()
    let run = Task {
      try await engine.run(
        "co = coroutine.create(function() test.forever() end) coroutine.resume(co)",
        name: "=a",
        kind: .prompt
      )
    }
    await primitives.waiting.wait()
    let answer = try await engine.run(
      "coroutine.status(co), select(2, coroutine.resume(co)).message",
      name: "=b",
      kind: .prompt
    )
    #expect(answer == [.string("normal"), .string("cannot resume a coroutine that waits for a primitive")])
    run.cancel()
    _ = await run.result
  }

  @Test(arguments: [
    ("coroutine.yield(1)", "coroutine.yield was called outside of a coroutine"),
    (
      "local co = coroutine.wrap(function() table.sort({ 1, 2 }, function() coroutine.yield() end) end) co()",
      "cannot yield inside 'table.sort'"
    ),
  ])
  func `a yield that reaches nobody is an error`(source: String, message: String) async throws {
    let failure = try await TestPrimitives().engine().failure(source)
    #expect(failure?.code == "lua.yield")
    #expect(failure?.message == message)
  }

  @Test func `a coroutine keeps the behaviour of Lua's own`() async throws {
    let results = try await TestPrimitives().engine().script(
      """
      local log = {}
      local co = coroutine.create(function(a, b)
        log[#log + 1] = a + b
        local c = coroutine.yield("first")
        log[#log + 1] = c
        return "done", 2
      end)
      log[#log + 1] = coroutine.status(co)
      local _, first = coroutine.resume(co, 1, 2)
      log[#log + 1] = first
      local _, last, two = coroutine.resume(co, "c")
      log[#log + 1] = last .. two
      log[#log + 1] = coroutine.status(co)
      local ok, err = coroutine.resume(co)
      log[#log + 1] = tostring(ok) .. ": " .. err.message
      local _, isMain = coroutine.running()
      log[#log + 1] = isMain
      log[#log + 1] = coroutine.isyieldable()
      return log
      """
    )
    #expect(
      results == [
        .array([
          .string("suspended"), .int(3), .string("first"), .string("c"), .string("done2"), .string("dead"),
          .string("false: cannot resume dead coroutine"), .bool(true), .bool(false),
        ])
      ]
    )
  }
}

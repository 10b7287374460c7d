import LuaRuntime
import PrimitiveKit
import Testing

/// The escapes of repl-lua 2.8 and what scripts must not find.
struct SandboxTests {
  @Test func `scripts see exactly the allow-list`() async throws {
    let names = await (try TestPrimitives().engine()).names(under: [])
    #expect(
      names == [
        "_G", "_VERSION", "assert", "collectgarbage", "coroutine", "error", "getmetatable", "ipairs", "is_unknown",
        "load", "math", "next", "os", "pairs", "pcall", "print", "rawequal", "rawget", "rawlen", "rawset", "require",
        "select", "set",
        "setmetatable", "string", "table", "test", "tonumber", "tostring", "type", "unwrap", "utf8",
        "wait_until", "xpcall",
      ]
    )
  }

  @Test(arguments: [
    ("os", ["clock", "date", "difftime", "time"]),
    (
      "string",
      [
        "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep",
        "reverse",
        "sub", "unpack", "upper",
      ]
    ),
    ("coroutine", ["close", "create", "isyieldable", "resume", "running", "status", "wrap", "yield"]),
  ])
  func `a library has exactly its functions`(library: String, functions: [String]) async throws {
    #expect(await (try TestPrimitives().engine()).names(under: [library]) == functions)
  }

  @Test(arguments: [
    "io", "debug", "package", "dofile", "loadfile", "opsh_secret", "warn",
    "load('return io')()", "load('return _G.debug')()", "_G.package",
  ])
  func `what is not allowed does not exist`(expression: String) async throws {
    let failure = try await TestPrimitives().engine().failure("return \(expression)")
    #expect(failure?.code == "lua.undefined")
  }

  @Test(arguments: [
    "return os.execute, os.getenv, os.exit, os.remove, string.dump == nil",
    "return getmetatable(_ENV), getmetatable(''), getmetatable(string), getmetatable(test)",
    "return load(string.char(27) .. 'Lua')",
    "return (load('return 1', 'x', 'b'))",
    "return rawget(string, 'rep'), next(string), rawget(test, 'add')",
    "return (load('x = 1 return x, y', '=l', 't', {}))() == 1 and nil",
  ])
  func `nothing leads out`(source: String) async throws {
    let results = try await TestPrimitives().engine().script(source)
    #expect(
      results.allSatisfy { $0 == .null || $0 == .bool(false) || $0 == .bool(true) || isMessage($0) },
      "\(results)"
    )
  }

  private func isMessage(_ value: Value) -> Bool {
    guard case .string(let text) = value else { return false }
    return text.hasPrefix("attempt to load a binary chunk") || text == "only text can be loaded"
  }

  @Test(arguments: [
    ("string.rep = 1", "lua.readonly"),
    ("test.add = 1", "lua.readonly"),
    ("test = 1", "lua.readonly"),
    ("print = 1", "lua.readonly"),
    ("rawset(string, 'rep', 1)", "lua.readonly"),
    ("rawset(test, 'x', 1)", "lua.readonly"),
    ("table.insert(test, 1)", "lua.readonly"),
    ("setmetatable(string, {})", "lua.error"),
    ("setmetatable(_G, {})", "lua.error"),
    ("setmetatable({}, { __gc = print })", "lua.gc"),
    ("collectgarbage('stop')", "lua.error"),
    ("string.rep('', 1e18 // 1 | 0)", "lua.limit"),
    ("return ('x'):rep(1 << 40)", "lua.limit"),
    ("table.move({}, 1, 1 << 60, 2)", "lua.limit"),
    ("table.insert(setmetatable({}, { __len = function() return 1 << 60 end }), 1, 2)", "lua.limit"),
    ("table.concat({}, '', 1, 1 << 60)", "lua.limit"),
    ("table.unpack({}, 1, 1e8 // 1 | 0)", "lua.error"),
    ("test.ad(1, 2)", "lua.undefined"),
    ("local function f() total = 1 end f()", "lua.global"),
    ("require('../etc/passwd')", "module.name"),
    ("require('a..b')", "module.name"),
    ("require('_G')", "module.missing"),
    ("require('string')", "module.missing"),
    ("set 'web1'", "set.unavailable"),
  ])
  func `an attempt is refused`(source: String, code: String) async throws {
    let failure = try await TestPrimitives().engine().failure(source)
    #expect(failure?.code == code, "\(failure as Any)")
  }

  @Test(arguments: [
    ("local taget = 1\nreturn target", "did you mean 'taget'"),
    ("return pirnt", "'print'"),
    ("counter = 1 return countr", "'counter'"),
    ("test.ad()", "did you mean 'add'?"),
  ])
  func `a name that is not there comes with the nearest one`(source: String, hint: String) async throws {
    let failure = try await TestPrimitives().engine().failure(source)
    #expect(failure?.code == "lua.undefined")
    #expect(failure?.hint?.contains(hint) == true, "\(failure as Any)")
  }

  @Test func `string methods stay ours, whatever a script does`() async throws {
    let engine = try TestPrimitives().engine()
    _ = await engine.failure("getmetatable('').__index = 1")
    #expect(try await engine.script("return ('ab'):upper(), #('x'):rep(3)") == [.string("AB"), .int(3)])
  }

  @Test func `a library can be listed`() async throws {
    let results = try await TestPrimitives().engine().script(
      "local n = 0 for name, f in pairs(os) do n = n + #name end return n"
    )
    #expect(results == [.int(21)])
  }

  @Test func `load without an environment stays in the caller's`() async throws {
    let results = try await TestPrimitives().engine().script(
      "x = 5 local ok, v = pcall(load, 'return x') return v(), load('y = x + 1 return y')(), y, load('return a', 'n', 't', { a = 3 })()"
    )
    #expect(results == [.int(5), .int(6), .int(6), .int(3)])
  }

  @Test func `scripts do not see each other's globals`() async throws {
    let engine = try TestPrimitives().engine()
    _ = try await engine.script("leak = 1")
    #expect(await engine.failure("return leak")?.code == "lua.undefined")
  }
}

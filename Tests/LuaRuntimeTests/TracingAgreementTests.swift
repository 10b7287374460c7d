import LuaRuntime
import LuaSyntax
import PrimitiveKit
import Testing

/// Where nothing is unknown, a run that traces does what a live run does.
struct TracingAgreementTests {
  private enum Outcome: Equatable {
    case answered([String])
    case failed(code: String, message: String, trace: [String])

    // A run that traces executes more instructions.
    var isLimit: Bool {
      if case .failed("lua.instructions", _, _) = self { return true }
      return false
    }
  }

  private func outcome(_ source: String, _ engine: LuaEngine, tracing: Bool) async -> Outcome {
    do throws(CallFailure) {
      let values = try await engine.run(source, name: "@p.lua", kind: .script, tracing: tracing)
      return .answered(values.map { text($0.literal) })
    } catch {
      return .failed(code: error.code, message: text(error.message), trace: error.trace)
    }
  }

  // Addresses differ, and a value that an operator answered has no name: "(field '?')" is left out.
  private func text(_ text: String) -> String {
    text.replacing(/0x[0-9a-f]+/, with: "0x").replacing(/\ \((field|local|upvalue|global) '[^']*'\)/, with: "")
  }

  @Test(arguments: 0..<6) func `random programs end the same way, at the same line`(seed: Int) async throws {
    let engine = try TestPrimitives().engine(LuaConfiguration(instructionLimit: 200_000))
    var maker = ProgramMaker(seed: UInt64(seed))
    var failures = 0
    for _ in 0..<100 {
      let source = maker.program()
      let live = await outcome(source, engine, tracing: false)
      let traced = await outcome(source, engine, tracing: true)
      if live.isLimit || traced.isLimit { continue }
      if case .failed(let code, let message, _) = live {
        failures += 1
        #expect(code != "lua.syntax", "\(message)\n\(source)")
      }
      #expect(live == traced, "\(source)\n----\n\(LuaTracing.instrument(source))")
    }
    #expect(failures > 20 && failures < 100)
  }

  @Test(arguments: [
    "local t\nlocal x = t[1 + 1]", "local t = {}\nlocal x = t.a\n[2 + 1]", "return nil\n\n< 1", "return {} <\n{}",
    "local a, b = 1\nreturn a\n>=\nb", "local x = 'a' < 1", "return (1 <= {})", "t = nil\nreturn t[g]",
    "g = 1 return g[g]",
    "local x = f and 1", "for i = 1, {} do end", "for i = 1, 2, 0 do end", "for x in nil do end",
    "for x in\n\n5 do end",
    "local k\nlocal t = {}\nt[k] = 1", "local t = { [0/0] = 1 }", "return #nil", "local s = ('x')[1] == nil\nerror(s)",
    "local function f() return nil < 1 end\nreturn f()", "local function f(t) return t[#t] end\n\nreturn f()",
    "local a = {}\n;(a.b)[a.c] = 1", "local t = { f = {} }\nlocal u = t\nt.f[t.x or 1].y = 2", "error('a', 2)",
    "local function f() error('b', 2) end\nlocal x = not f()", "string.rep()", "return ('x'):rep({})",
    "math.floor('x')",
    "table.concat({ {} })", "table.sort({ 1, 'a' })", "ipairs()", "setmetatable(1, {})", "load('x = = 1')()",
    "assert(load('\\nreturn 1 < nil', '=in'))()", "assert(load(function() return nil end))(nil + 1)", "select(0)",
    "local t = setmetatable({}, { __index = function(t, k) error('k' .. k) end })\nreturn t[1 + 0]",
    "local t = setmetatable({}, { __lt = function() error('lt') end })\nreturn t\n<\nt", "next({}, 1)",
    "return coroutine.wrap(function() return 1 < nil end)()", "undefined_name = undefined_nmae[1 + 1]",
    "local value = 1\nreturn valeu == 2",
    "local t = setmetatable({}, { __lt = function() error('up', 2) end })\nreturn t < t",
    "local t = setmetatable({}, { __index = function(t, k) error('up' .. k, 2) end })\n\nreturn t[#'x']",
    "local function f() error('up', 2) end\nlocal function g()\n return f() == 1 end\ng()", "error('x', 9)",
    "error('a', '1')",
    "local t = setmetatable({}, { __eq = function() error({ code = 'c', message = 'm' }) end })\nreturn t == {}",
    "return select('#', load('return ...')(1, nil, 3)) ~= 3 or error('n')",
    "local x <close> = 1 == 1", "local t <const> = {}\nreturn t[t][t]", "require 'nothing'", "test.add(1 == 1, 2)",
    "local o = {}\nfunction o:m(k) return self[k][k] end\no:m('x')", "return -{} == 1", "return 2^53 == 2^53 + 1 and x",
    "local a = 1\nlocal b = a\n(error)(a == b)", "goto done\n::done::\nreturn nil[1 + 1]", "tostring()", "type()",
    "pcall(error)\nreturn 1 < {}",
    "xpcall(function() return 1 < {} end, function(e) error(e.message, 0) end)\nerror('z')",
  ])
  func `an error names the same line and says the same`(source: String) async throws {
    let engine = try TestPrimitives().engine()
    let live = await outcome(source, engine, tracing: false)
    let traced = await outcome(source, engine, tracing: true)
    #expect(live == traced, "\(LuaTracing.instrument(source))")
    guard case .failed = live else {
      Issue.record("did not fail: \(live)")
      return
    }
  }

  @Test func `a chain of many decisions is no deeper than Lua allows`() async throws {
    let engine = try TestPrimitives().engine()
    let chain = (1...180).map { "x == \($0)" }.joined(separator: " or ")
    let all = (1...180).map { "(x ~= \($0) and y)" }.joined(separator: " and ")
    for tracing in [false, true] {
      let source = "local x, y = 180, true if \(chain) then return \(all), \(chain) end"
      let values = try await engine.run(source, name: "@p.lua", kind: .script, tracing: tracing)
      #expect(values == [.bool(false), .bool(true)])
    }
  }

  @Test(arguments: [
    ("local t\nreturn t[1 + 1]", "p.lua:2: attempt to index a nil value (local 't')"),
    ("local t\nreturn (function(k) return t[k] end)(1)", "p.lua:2: attempt to index a nil value (upvalue 't')"),
    ("t = 1 return t[t]", "p.lua:1: attempt to index a number value (global 't')"),
    ("local t = {}\nreturn t.x[#t]", "p.lua:2: attempt to index a nil value (field 'x')"),
    ("local t = { {} }\nlocal i = 1 local x = t[i][i][i]", "p.lua:2: attempt to index a nil value (field '?')"),
    ("local t = {}\nif t.x.y then end", "p.lua:2: attempt to index a nil value (field 'x')"),
    ("local t = {}\nif t.x() then end", "p.lua:2: attempt to call a nil value (field 'x')"),
    ("local n\nlocal x = n + 1 == 2", "p.lua:2: attempt to perform arithmetic on a nil value (local 'n')"),
  ])
  func `names in errors stay those of the script`(source: String, message: String) async throws {
    let engine = try TestPrimitives().engine()
    for tracing in [false, true] {
      let error = await #expect(throws: CallFailure.self) {
        try await engine.run(source, name: "@p.lua", kind: .script, tracing: tracing)
      }
      #expect(error?.message == message)
    }
  }
}

import LuaRuntime
import PrimitiveKit
import Testing

/// A plugin without capabilities tries to reach what is not its own; nothing of it works.
///
/// `...` is a shelf with values of others: `lend(f)` is a function of the operator that calls `f`, `rich` one of a
/// plugin with all capabilities, `object`, `error`, `thread`, `names` and `frozen` are values of the operator. What is
/// put into `shelf.back` is called by the operator. Secrets contain "GOLD".
struct EscapeTests {
  static let attacks: [String] = [
    // Primitives, called in every way there is.
    "host.look()", "host.run()", "host.run 'x'", "local f = host.look return f()", "_G.host.look()", "_ENV.host.look()",
    "pcall(host.look)", "pcall(pcall, host.look)", "xpcall(host.look, print)", "xpcall(error, host.look)",
    "coroutine.wrap(host.look)()", "coroutine.wrap(host.run)()", "coroutine.resume(coroutine.create(host.look))",
    "table.sort({ 2, 1 }, host.look)", "string.gsub('a', 'a', host.look)", "load(host.look)",
    "return setmetatable({}, { __index = host.look }).x",
    "return tostring(setmetatable({}, { __tostring = host.look }))",
    "local x <close> = setmetatable({}, { __close = host.look })",
    "return setmetatable({}, { __concat = host.look }) .. ''",
    "for _, f in pairs(host) do f() end", "for name in pairs(host) do host[name]() end",
    "for _ in host.look do break end", "return rawget(host, 'look')()", "return next(host)",
    "local _, f = next(host) f()",
    "return select(2, pcall(next, host))()", "table.unpack({ host.look })()", "(...).lend(host.look)",
    "(...).lend(function() return host.look() end)", "(...).back = host.look",
    "(...).back = function() host.look() end",
    "(...).back = function() return pcall(coroutine.wrap(host.look)) end",
    "(...).rich(function() return host.look() end)", "(...).rich(host.look)",
    "for _, v in pairs(_G) do pcall(v) end", "for n in pairs(host) do pcall(host[n]) end",
    "load('host.look()')()", "load('return host')().look()",
    "load(function() return nil end, 'x', 't', { host = host })()",
    "local e = { host = host } load('host.look()', 'x', 't', e)()", "require 'host'", "require('init')",
    // The globals and locals of others.
    "return secret", "return _G.secret", "return _ENV._G._G.secret", "return rawget(_G, 'secret')",
    "for k, v in next, _G do if type(v) == 'string' then return v end end", "return load('return secret')()",
    "local load = load local f = function(t) return load(t) end return (...).lend(function() return f('return secret')() end)",
    "local load = load; (...).back = function() return load('return secret')() end",
    "local load = load; (...).back = function() return load('return _G')() end",
    "(...).back = load('return secret')",
    "local l = load; (...).back = function() return select(2, pcall(l, 'return secret'))() end",
    "return (...).lend(load)", "return coroutine.wrap(load)('return secret')()",
    "local l = load return coroutine.wrap(function() return l('return secret')() end)()",
    "local l = load return load(function() return nil end, '=opsh')()",
    "local s = 'return secret' return load(function() local r = s s = nil return r end)()",
    "return treasure", "return (...).rich.treasure", "return getmetatable((...).rich)",
    "local G = _G; (...).back = function() local ok, e = pcall(function() return G.hiddenNAM end) return e.hint end",
    "local G = _G; (...).back = load('local G = ... return function() return select(2, pcall(rawlen and function() return G.hiddenNAM end)).hint end', '=opsh')(G)",
    "local G = _G; (...).back = load('local G = ... return function() return G.hiddenNAM end', '=opsh')(G)",
    "local G = _G; (...).read = G; (...).back = 'read'",
    "return select(2, pcall(function() return hiddenNAM end)).hint",
    "return select(2, pcall(function() local function f() return hiddenNAM end return f() end)).hint",
    "setmetatable(_G, { __index = (...).object }) return secret", "return getmetatable(_G)",
    "return getmetatable(_ENV)",
    "local _ENV = (...).object return secret", "local _ENV = setmetatable({}, { __index = _G }) return secret",
    "return debug", "return package", "return io", "return os.getenv('PATH')", "return dofile",
    "return string.dump(print)",
    "return load(string.char(27) .. 'Lua')", "return load('\\27LuaS', 'x', 'b')", "return collectgarbage('step')",
    // Threads and errors of others.
    "return coroutine.resume((...).thread, 'x')", "return coroutine.close((...).thread)",
    "local co = coroutine.running() return coroutine.resume(co)", "return coroutine.close((coroutine.running()))",
    "return getmetatable(coroutine.running())",
    "(...).back = function() return coroutine.resume((coroutine.running())) end",
    "(...).back = function() return coroutine.yield('x') end",
    "for _, v in next, (...).error do if type(v) == 'function' then v() end end", "return getmetatable((...).error).x",
    "return select(2, xpcall(host.look, function(e) return getmetatable(e).__index end))",
    "return select(2, xpcall(host.look, function(e) for k, v in next, e do if type(v) == 'function' then v() end end end))",
    // The frozen base and what all share.
    "getmetatable('').__index = { rep = host.look }", "getmetatable('').x = 1", "string.rep = host.look",
    "rawset(string, 'rep', host.look)", "rawset(host, 'look', print)", "setmetatable(string, {})",
    "setmetatable(host, nil)",
    "table.insert(string, 1)", "table.move({ 1 }, 1, 1, 1, host)", "table.remove(host)", "table.sort(host)",
    "for k in pairs(string) do string[k] = nil end", "print = host.look", "rawset(_G, 'print', host.look)",
    "rawset(_G, 'string', {}); (''):rep(3)", "_G.tostring = host.look", "rawset(_G, '_ENV', {})", "error = 1",
    "math.randomseed(7); (...).back = function() end", "rawset((...).frozen, 'look', print)",
    "(...).frozen.look = print",
    "(...).frozen.x = 1", "for k, v in pairs((...).frozen) do rawset((...).frozen, k, print) end",
    "rawset((...).names, 1, 'x9')", "getmetatable((...).names).__index = host.look",
    "setmetatable({}, { __gc = host.look })", "local m = {} setmetatable({}, m) m.__gc = host.look",
    "coroutine.wrap = host.look", "rawset(coroutine, 'wrap', host.look)", "table.concat = nil", "_VERSION = 'x'",
    // What the site has, through sets.
    "local n = '' for name in set '@site' do n = n .. name end return n", "return tostring(set '@*')",
    "return #set '@site'",
    "return tostring(set 'a' | '@site')", "return tostring('@site' | set 'a')", "return tostring(set { '@site' })",
    "return set('a'):contains('GOLD1')", "return tostring((...).names - '@site')",
    "return tostring(set 'a' & (...).names)", "return set('a').contains({ '@site' }, 'GOLD1')",
    "return tostring(set(setmetatable({ '@site' }, { __metatable = 'opsh.set' })))",
    "local n = '' for x in set(setmetatable({ '@site' }, { __metatable = 'opsh.set' })) do n = n .. x end return n",
  ]

  @Test(arguments: attacks)
  func `nothing escapes`(attack: String) async throws {
    let world = try AuthorityWorld()
    #expect(world.engine.completeness(of: attack) == .complete)
    let rich = try await world.plugin("rich", may: ["host.look", "host.run"])
    let mute = try await world.plugin("mute")
    _ = try await world.engine.run("secret = 'GOLD' hiddenNAME = 'GOLD'", name: "=prompt", kind: .prompt)
    try await world.run("treasure = 'GOLD' (...).rich = function(f) local inner = 'GOLD' return f() end", as: rich)
    try await world.run(
      """
      local shelf = ...
      secret, hiddenNAME = "GOLD", "GOLD"
      function shelf.lend(f) local innerNAME = "GOLD" return f('return secret') end
      shelf.object = setmetatable({}, { __index = function() return nil end })
      shelf.error = select(2, pcall(error, { code = "x", message = "y" }))
      shelf.thread = coroutine.create(function() local inner = "GOLD" coroutine.yield(1) return 2 end)
      shelf.frozen = host
      shelf.names = set "@site"
      """
    )
    for isTracing in [false, true] {
      let answers = try? await world.run(attack, as: mute, tracing: isTracing)
      expectNothing(answers ?? [], world, attack)
      // The operator calls what was left for it, with secrets of its own around.
      let back = """
        local shelf = ...
        secret, hiddenNAME = "GOLD", "GOLD"
        local hiddenNAME = "GOLD"
        local function use()
          if type(shelf.back) == "function" then return shelf.back(1, 2) end
          if shelf.back then return shelf[shelf.back].hiddenNAM end
        end
        local results = table.pack(pcall(use))
        for i = 1, results.n do
          local result = results[i]
          if type(result) == "function" then result = select(2, pcall(result)) end
          results[i] = type(result) == "table" and (result.hint or result.secret) or result
        end
        shelf.back = nil
        return tostring(results[1]), tostring(results[2]), tostring(results[3])
        """
      expectNothing((try? await world.run(back)) ?? [], world, attack)
      try await expectWhole(world, attack)
    }
  }

  private func expectNothing(_ answers: [Value], _ world: AuthorityWorld, _ attack: String) {
    #expect(world.takeCalls() == [], "\(attack)")
    for answer in answers { #expect(!answer.literal.contains("GOLD"), "\(attack) answered \(answer)") }
  }

  /// The base of the operator and of the other plugins is what it was.
  private func expectWhole(_ world: AuthorityWorld, _ attack: String) async throws {
    let source = """
      local names = {}
      for _, library in ipairs { string, table, math, coroutine, os, utf8, host } do
        for name, f in pairs(library) do names[#names + 1] = name .. type(f) end
      end
      return ("ab"):rep(2), tostring(1), host.look(), #names, type(print), load("return 1")(), _VERSION
      """
    let found = try await world.run(source)
    let expected: [Value] = [
      .string("abab"), .string("1"), .string("x"), .int(70), .string("function"), .int(1), .string("Lua 5.4"),
    ]
    #expect(found == expected, "\(attack)")
    _ = world.takeCalls()
    #expect(try await world.engine.run("secret", name: "=p", kind: .prompt) == [.string("GOLD")])
  }

  @Test func `the table of attacks is long enough, and no two are the same`() {
    #expect(Set(Self.attacks).count >= 100)
    #expect(Set(Self.attacks).count == Self.attacks.count)
  }

  @Test func `the operators of traced code cannot be changed`() async throws {
    let world = try AuthorityWorld()
    let mute = try await world.plugin("mute")
    let attack = """
      local operators = (""):rep(1)["\\0opsh"]
      local later = operators.later("<", 1, 2)
      getmetatable(later).__mod = function(call) leaked = call return true end
      """
    _ = try? await world.run(attack, as: mute, tracing: true)
    let source = "local gold = 'GOLD' return gold\n < 'X'"
    #expect(try await world.run(source, tracing: true) == [.bool(true)])
    #expect(try await world.failure("return leaked", as: mute)?.code == "lua.undefined")
  }

  @Test func `drawing numbers tells nothing of those that others draw`() async throws {
    let world = try AuthorityWorld()
    let mute = try await world.plugin("mute")
    try await world.run("math.randomseed(1)")
    let first = try await world.run("return math.random(1 << 40), math.random(1 << 40)")
    try await world.run("math.randomseed(1)")
    try await world.run("math.randomseed(1) math.random(9)", as: mute)
    let second = try await world.run("return math.random(1 << 40), math.random(1 << 40)")
    #expect(first == second)
  }
}

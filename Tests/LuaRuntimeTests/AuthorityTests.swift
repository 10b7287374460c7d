import Foundation
import LuaRuntime
import PrimitiveKit
import Testing

/// Code acts with the authority of the plugin it belongs to, whoever calls it and through what.
struct AuthorityTests {
  /// Ways for one piece of code to call the function `F` of another.
  static let callbacks = [
    "F()", "pcall(F)", "xpcall(F, print)", "xpcall(error, F)", "select(2, F())",
    "coroutine.wrap(F)()", "coroutine.resume(coroutine.create(F))",
    "coroutine.wrap(function() coroutine.yield(F()) end)()",
    "table.sort({ 2, 1 }, F)", "string.gsub('a', 'a', F)", "string.gsub('a', 'a', setmetatable({}, { __index = F }))",
    "load(F)", "pcall(load, F)",
    "for _ in F do break end", "for _ in pairs(setmetatable({}, { __pairs = F })) do break end",
    "return setmetatable({}, { __index = F }).x", "setmetatable({}, { __newindex = F }).x = 1",
    "setmetatable({}, { __call = F })()", "return tostring(setmetatable({}, { __tostring = F }))",
    "print(setmetatable({}, { __tostring = F }))",
    "return setmetatable({}, { __concat = F }) .. 'x'", "return setmetatable({}, { __add = F }) + 1",
    "return -setmetatable({}, { __unm = F })", "return #setmetatable({}, { __len = F })",
    "return setmetatable({}, { __lt = F }) < 1", "return setmetatable({}, { __le = F }) <= 1",
    "return setmetatable({}, { __eq = F }) == setmetatable({}, {})", "return setmetatable({}, { __idiv = F }) // 1",
    "return setmetatable({}, { __bor = F }) | 1", "local x <close> = setmetatable({}, { __close = F })",
    "pcall(function() local x <close> = setmetatable({}, { __close = F }) error 'x' end)",
    """
    local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = F }) coroutine.yield() end)
    coroutine.resume(co)
    coroutine.close(co)
    """,
    "table.concat(setmetatable({}, { __index = F }), '', 1, 1)",
    "table.unpack(setmetatable({}, { __index = F }), 1, 1)",
    "table.insert(setmetatable({}, { __newindex = F }), 1)",
    "table.move({ 1 }, 1, 1, 1, setmetatable({}, { __newindex = F }))",
    "for _ in ipairs(setmetatable({}, { __index = F })) do break end",
    "local t = setmetatable({}, { __index = function(t, k) return F() end }) return t.x",
  ]

  @Test(arguments: callbacks)
  func `a function acts with the authority of its own code`(callback: String) async throws {
    let world = try AuthorityWorld()
    let rich = try await world.plugin("rich", may: ["host.look", "whoami"])
    let mute = try await world.plugin("mute", may: ["whoami"])
    for (owner, name) in [(nil, "operator"), (rich, "rich"), (mute, "mute")] as [(LuaAuthority?, String)] {
      // It answers something every other time, so that whoever asks until there is nothing more comes to an end.
      let source = "local is_odd (...).F = function() host.look() is_odd = not is_odd if is_odd then return 'x' end end"
      try await world.run(source, as: owner)
      for caller in [nil, rich, mute] {
        _ = try? await world.run("local F = (...).F\n\(callback)", as: caller)
        let calls = Set(world.takeCalls())
        #expect(
          calls == (name == "mute" ? [] : ["\(name): host.look"]),
          "\(name) called by \(caller?.name ?? "operator")"
        )
      }
    }
  }

  @Test func `a call that waits has the authority too, and so does what it calls after it waited`() async throws {
    let world = try AuthorityWorld()
    let rich = try await world.plugin("rich", may: ["host.run", "host.look"])
    let source = """
      (...).F = function() return pcall(coroutine.wrap(function() host.run() return host.look() end)) end
      """
    try await world.run(source, as: rich)
    #expect(try await world.run("local ok, answer = (...).F() host.run() return answer") == [.string("x")])
    #expect(world.takeCalls() == ["rich: host.run", "rich: host.look", "operator: host.run"])
  }

  @Test func `a refusal is the authority's, with the line of the plugin`() async throws {
    let world = try AuthorityWorld()
    let mute = try await world.plugin("mute")
    let failure = try await world.failure("\nhost.run 'reboot'", as: mute)
    #expect(failure?.code == "test.capability")
    #expect(failure?.message == "plugin 'mute' may not call host.run")
    #expect(failure?.trace.first == "code.lua:2")
    #expect(world.takeCalls() == [])
  }

  @Test func `the permit sees the arguments, and the effects of the run still count`() async throws {
    let world = try AuthorityWorld()
    let seen = try await world.engine.authority(
      named: "seen",
      permit: { info, arguments throws(CallFailure) in
        guard arguments.first == .string("uptime") else {
          throw CallFailure(.refused, code: "test.no", message: "\(info.name) \(arguments.count)")
        }
      },
      modules: []
    )
    #expect(try await world.run("return host.run 'uptime'", as: seen) == [.string("x")])
    #expect(try await world.failure("return host.run 'reboot'", as: seen)?.message == "host.run 1")
    let module = try await world.module("return { f = function() return host.run 'uptime' end }", seen)
    let function = try #require(module["f"]?.function)
    let context = CallContext(allowed: [.reads], name: "check")
    let failure = await #expect(throws: CallFailure.self) {
      try await context.whileCalling { () async throws(CallFailure) in try await world.engine.call(function, []) }
    }
    #expect(failure?.code == "call.effect")
  }

  @Test func `a wait acts as the plugin that waits, whoever calls that`() async throws {
    let world = try AuthorityWorld()
    let patient = try await world.plugin("patient", may: ["opsh_wait_begin", "opsh_wait_look", "host.look"])
    let mute = try await world.plugin("mute")
    try await world.run("(...).F = function() return wait_until{ probe = host.look } end", as: patient)
    for caller in [nil, mute] {
      #expect(try await world.run("return (...).F()", as: caller) == [.string("x")])
      #expect(
        world.takeCalls() == ["patient: opsh_wait_begin", "patient: host.look", "patient: opsh_wait_look"]
      )
    }
    #expect(try await world.failure("wait_until{ probe = (...).F }", as: mute)?.code == "test.capability")
    #expect(world.takeCalls() == [])
  }

  @Test func `the name of a value is the same value for every plugin, bound before it or later`() async throws {
    let world = try AuthorityWorld()
    let early = try await world.plugin("early")
    let late = Primitive(constant: "json.later", "None, too.", .jsonNull, examples: [])
    try await world.engine.register([late])
    for code in [nil, early, try await world.plugin("new")] {
      #expect(
        try await world.run("return json.null == json.later, tostring(json.later)", as: code)
          == [.bool(true), .string("json.null")]
      )
    }
    // A reload binds it again; another value of that name is refused.
    try await world.engine.replace([late])
    await #expect(throws: CallFailure.self) {
      try await world.engine.replace([Primitive(constant: "json.later", "One.", .int(1), examples: [])])
    }
  }

  @Test func `primitives that are bound later belong to every plugin, each with its own authority`() async throws {
    let world = try AuthorityWorld()
    let one = try await world.plugin("one", may: ["late.deep.call", "whoami"])
    let late = Primitive(immediate: "late.deep.call", "Says who.", returns: "1", examples: []) {
      () throws(CallFailure) in
      CallContext.current.plugin ?? "operator"
    }
    try await world.engine.register([late])
    let two = try await world.plugin("two")
    #expect(try await world.run("return late.deep.call()", as: one) == [.string("one")])
    #expect(try await world.run("return late.deep.call()") == [.string("operator")])
    #expect(try await world.failure("return late.deep.call()", as: two)?.code == "test.capability")
    #expect(try await world.failure("return late.deep.cal()", as: one)?.hint == "did you mean 'call'?")
  }

  @Test func `a plugin that Swift no longer holds calls nothing`() async throws {
    let world = try AuthorityWorld()
    var gone: LuaAuthority? = try await world.plugin("gone", may: ["host.look"])
    try await world.run(
      "local s = ... s.F = host.look s.R = require s.L = function() return load('return 1')() end",
      as: gone
    )
    #expect(try await world.run("return (...).F()") == [.string("x")])
    gone = nil
    // A new number, and no way back to the old one.
    let next = try await world.plugin("next", may: ["host.look"])
    #expect(try await world.failure("return (...).F()", as: nil)?.code == "plugin.gone")
    #expect(try await world.failure("return (...).R 'a'", as: nil)?.code == "plugin.gone")
    #expect(try await world.run("return (...).L()") == [.int(1)])
    #expect(try await world.run("return host.look()", as: next) == [.string("x")])
  }

  @Test func `plugins that come and go leave no memory behind`() async throws {
    let world = try AuthorityWorld()
    func round() async throws -> Int {
      var least = Int.max
      for _ in 0..<50 {
        let plugin = try await world.plugin("passing", may: ["whoami"])
        _ = try await world.module("big = ('x'):rep(10000) return { f = function() return big end }", plugin)
        least = min(least, await world.engine.memory)
      }
      return least
    }
    let first = try await round()
    let second = try await round()
    #expect(second < first + 50_000, "\(first) bytes after 50, \(second) after 100")
  }

  // MARK: Loading

  @Test(arguments: [
    ("\nhost.look()", "host.look"), ("\npcall(host.look) return { f = function() end }", "host.look"),
    ("\nlocal ok = pcall(pcall, host.run)", "host.run"), ("\nprint 'hello'", "print"),
    ("\ncoroutine.wrap(function() host.look() end)()", "host.look"),
    ("\nlocal x <close> = setmetatable({}, { __close = function() host.look() end })", "host.look"),
    ("\ntable.sort({ 2, 1 }, host.look)", "host.look"),
  ])
  func `a plugin that calls something while it is loaded is refused`(source: String, name: String) async throws {
    let world = try AuthorityWorld()
    let rich = try await world.plugin("rich", may: ["host.look", "host.run"])
    let failure = await #expect(throws: CallFailure.self) { try await world.module(source, rich) }
    #expect(failure?.code == "plugin.loading")
    #expect(failure?.message == "a plugin must not call anything while it is loaded: it calls '\(name)'")
    #expect(failure?.trace.first == "init.lua:2")
    #expect(world.takeCalls() == [])
    #expect(try await world.run("return host.look()", as: rich) == [.string("x")])
  }

  @Test func `a set is a call too`() async throws {
    let world = try AuthorityWorld()
    let rich = try await world.plugin("rich", may: ["opsh_set_fold", "opsh_set_expand"])
    let failure = await #expect(throws: CallFailure.self) { try await world.module("\nreturn set '*'", rich) }
    #expect(failure?.message == "a plugin must not call anything while it is loaded")
    #expect(
      try await world.run("local n = '' for name in set '@*' do n = n .. name end return n", as: rich) == [
        .string("GOLD1GOLD2")
      ]
    )
  }

  // MARK: Modules

  private func folder(_ files: [String: String]) throws -> String {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("opsh-\(UUID().uuidString.prefix(8))")
    for (name, text) in files {
      let file = root.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    return root.path
  }

  @Test func `a module is one instance a plugin, runs in its globals and acts with its authority`() async throws {
    let shared = try folder([
      "counter.lua": "count = 0 return { up = function() count = count + 1 return count, whoami() end }"
    ])
    let own = try folder(["mine.lua": "return { name = 'mine' }"])
    let operators = try folder(["secret.lua": "return 'TOP'"])
    defer { for path in [shared, own, operators] { try? FileManager.default.removeItem(atPath: path) } }
    let world = try AuthorityWorld(LuaConfiguration(moduleRoots: [operators, shared]))
    let one = try await world.plugin("one", may: ["whoami"], modules: [own, shared])
    let two = try await world.plugin("two", may: ["whoami"], modules: [shared])
    let source = "local c = require 'counter' c.up() return c.up()"
    #expect(try await world.run(source, as: one) == [.int(2), .string("one")])
    #expect(try await world.run(source, as: two) == [.int(2), .string("two")])
    #expect(try await world.run(source) == [.int(2), .string("operator")])
    #expect(try await world.run("return require 'mine'.name, count", as: one) == [.string("mine"), .int(2)])
    #expect(try await world.failure("return require 'mine'", as: two)?.code == "module.missing")
    #expect(try await world.failure("return require 'secret'", as: one)?.code == "module.missing")
    #expect(try await world.run("return require 'secret'") == [.string("TOP")])
  }

  @Test func `a plugin keeps a module that was edited until it is loaded anew`() async throws {
    let root = try folder(["a.lua": "return 1"])
    defer { try? FileManager.default.removeItem(atPath: root) }
    let world = try AuthorityWorld()
    let first = try await world.plugin("one", modules: [root])
    #expect(try await world.run("return require 'a'", as: first) == [.int(1)])
    try "return 2".write(toFile: "\(root)/a.lua", atomically: true, encoding: .utf8)
    #expect(try await world.run("return require 'a'", as: first) == [.int(1)])
    let second = try await world.plugin("one", modules: [root])
    #expect(try await world.run("return require 'a'", as: second) == [.int(2)])
  }

  @Test func `a module that a link leads to is refused`() async throws {
    let outside = try folder(["passwd": "root:x:0"])
    let root = try folder(["a.lua": "return 1"])
    defer { for path in [outside, root] { try? FileManager.default.removeItem(atPath: path) } }
    try FileManager.default.createSymbolicLink(atPath: "\(root)/b.lua", withDestinationPath: "\(outside)/passwd")
    let one = try AuthorityWorld()
    let plugin = try await one.plugin("one", modules: [root])
    let failure = try await one.failure("return require 'b'", as: plugin)
    #expect(failure?.code == "module.outside")
    #expect(failure?.message == "module 'b': \(root)/b.lua leads outside of \(root)")
  }

  // MARK: Globals

  @Test func `globals of a plugin are its own, for all of its code`() async throws {
    let world = try AuthorityWorld()
    let one = try await world.plugin("one")
    let two = try await world.plugin("two")
    _ = try await world.module("level = 1 return { f = function() return level end }", one)
    #expect(try await world.run("return level", as: one) == [.int(1)])
    #expect(try await world.failure("return level", as: two)?.code == "lua.undefined")
    #expect(try await world.failure("return level", as: nil)?.code == "lua.undefined")
    #expect(try await world.failure("print = 1", as: one)?.code == "lua.readonly")
    #expect(try await world.failure("string.rep = 1", as: one)?.code == "lua.readonly")
    #expect(try await world.failure("host.look = 1", as: one)?.code == "lua.readonly")
    #expect(try await world.failure("return levl", as: one)?.hint == "did you mean 'level'?")
  }

  @Test func `load stays in the globals of the plugin, however it is called`() async throws {
    let world = try AuthorityWorld()
    let one = try await world.plugin("one", may: ["whoami"])
    try await world.run(
      "x = 1 local s, l = ..., load s.L = load s.G = { load } s.F = function(t) return l(t) end",
      as: one
    )
    for call in ["shelf.L", "shelf.G[1]", "shelf.F", "(function(t) return select(2, pcall(shelf.L, t)) end)"] {
      let source = "x = 2 local shelf = ... return (\(call))('return whoami(), x')()"
      #expect(try await world.run(source).last == .int(1), "\(call)")
    }
    #expect(try await world.run("x = 2 return load('return x, whoami()')()") == [.int(2), .string("operator")])
  }

  @Test func `a plugin that traces finds unknown values, and the operator's library stays as it is`() async throws {
    let world = try AuthorityWorld()
    let one = try await world.plugin("one", may: ["whoami"])
    let module = try await world.engine.load(
      module:
        "return { f = function(u) return is_unknown(u:upper()), is_unknown(math.abs(u)), load('return 7')() end }",
      name: "@init.lua",
      authority: one,
      tracing: true
    )
    let function = try #require(module["f"]?.function)
    #expect(
      try await world.engine.call(function, [UnknownTests.unknown], tracing: true) == [
        .bool(true), .bool(true), .int(7),
      ]
    )
    #expect(try await world.run("return ('x'):upper(), math.abs(-1)", as: one) == [.string("X"), .int(1)])
  }
}

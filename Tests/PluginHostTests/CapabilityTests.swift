import LuaRuntime
import PluginHost
import PrimitiveKit
import Testing

/// What a plugin may call is decided by its manifest, at the call, whoever called the plugin and through what.
struct CapabilityTests {
  /// The primitives of the world of these tests, and the capability that each needs; nil for none that opens it.
  static let needs: [(call: String, capability: String?)] = [
    ("fleet.look", "hosts:read"), ("fleet.act", "hosts:change"), ("ledger.look", "ledger:read"),
    ("ledger.act", "ledger:change"), ("http.get", "http"), ("secret.list", "secrets"), ("file.read", "files"),
    ("program", "programs"), ("approvals.lift", nil), ("plugins", nil), ("plugin.info", nil), ("plugin.enable", nil),
    ("plugin.disable", nil),
  ]

  @Test(arguments: Capability.allCases)
  func `a capability opens what it names and nothing else`(capability: Capability) async throws {
    let world = try PluginWorld()
    try world.add(
      acting: "narrow",
      capabilities: "\"\(capability.rawValue)\"",
      """
      local f = _G
      for word in args.x:gmatch("[^.]+") do f = f[word] end
      return f("process")
      """
    )
    try await world.open()
    for (call, needed) in Self.needs {
      if needed == capability.rawValue {
        #expect(try await world.type("return narrow.act '\(call)'") == [.string("process")])
        #expect(world.takeCalls() == ["narrow: \(call)"])
        continue
      }
      let failure = try #require(await world.failure("narrow.act '\(call)'"))
      #expect(failure.code == "plugin.capability" && failure.failureClass == .refused, "\(failure)")
      #expect(failure.message.contains("'narrow'") && failure.message.contains(call), "\(failure.message)")
      if let needed {
        #expect(failure.message.contains("'\(needed)'"))
        #expect(failure.hint == "add \"\(needed)\" to `capabilities` in \(world.folder.root)/narrow/plugin.lua")
      }
      #expect(world.takeCalls() == [])
      // Three would disable it.
      world.pass(61)
    }
    #expect(try await world.type("return narrow.act 'json.size'") == [.string("process")])
  }

  @Test(arguments: [
    "fleet.act()", "pcall(fleet.act)", "xpcall(fleet.act, print)", "coroutine.wrap(fleet.act)()",
    "coroutine.resume(coroutine.create(fleet.act))", "load(fleet.act)", "load('fleet.act()')()",
    "string.gsub('a', 'a', fleet.act)", "table.sort({ 2, 1 }, fleet.act)",
    "return setmetatable({}, { __index = fleet.act }).x", "setmetatable({}, { __newindex = fleet.act }).x = 1",
    "return tostring(setmetatable({}, { __tostring = fleet.act }))",
    "local x <close> = setmetatable({}, { __close = fleet.act })",
    "for _ in fleet.act do break end", "for _ in pairs(setmetatable({}, { __pairs = fleet.act })) do break end",
    "return rich.act('fleet.act')", "pcall(rich.act, 'fleet.act')", "return coroutine.wrap(rich.act)('fleet.act')",
    "for name in set '@all' do return name end", "return #set 'web1'", "require('init').primitives.act{ x = 1 }",
  ])
  func `no way of calling reaches further`(body: String) async throws {
    let world = try PluginWorld()
    try world.add(acting: "rich", capabilities: #""hosts:change""#, "return fleet.act()")
    try world.add(acting: "mute", "if args.x == 1 then return end\n\(body)")
    try await world.open()
    _ = try? await world.type("return mute.act()")
    #expect(world.takeCalls() == [], "\(body)")
  }

  @Test func `a plugin calls another only with all that the other may do`() async throws {
    let world = try PluginWorld()
    try world.add(acting: "rich", capabilities: #""hosts:change", "http""#, "return fleet.act(http.get(args.x))")
    try world.add(acting: "poor", capabilities: #""http""#, "return rich.act(args.x)")
    try world.add(acting: "equal", capabilities: #""hosts:change", "http", "files""#, "return rich.act(args.x)")
    try await world.open()
    let failure = await world.failure("poor.act 'x'")
    #expect(
      failure?.message == "plugin 'poor' called rich.act without the capabilities of plugin 'rich': hosts:change"
    )
    #expect(world.takeCalls() == [])
    #expect(try await world.type("return equal.act 'x'") == [.string("x")])
    #expect(world.takeCalls() == ["rich: http.get", "rich: fleet.act"])
  }

  @Test func `a function cannot be handed to a plugin, nor a plugin's to another`() async throws {
    let world = try PluginWorld()
    try world.add(acting: "one", "return args.x")
    try world.add(acting: "two", "return one.act(function() return 1 end)")
    try await world.open()
    #expect(await world.failure("one.act(print)")?.message.contains("is a function") == true)
    #expect(await world.failure("two.act()")?.message.contains("is a function") == true)
  }

  @Test func `environments of plugins and the operator are apart`() async throws {
    let world = try PluginWorld()
    try world.add(acting: "one", "rawset(_G, 'treasure', args.x) return treasure")
    try world.add(acting: "two", "return rawget(_G, 'treasure') or 'none'")
    try await world.open()
    #expect(try await world.type("mine = 1 return one.act 'GOLD', two.act()") == [.string("GOLD"), .string("none")])
    #expect(await world.failure("return treasure")?.message.contains("treasure") == true)
  }
}

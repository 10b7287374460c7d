import OpshTesting
import PluginHost
import PrimitiveKit
import Site
import Testing

/// The system that functions of a plugin get: what it holds, and what it lets a plugin see.
struct SystemHandleTests {
  /// A plugin that serves systems, with one primitive whose body is given.
  private func world(
    _ body: String,
    capabilities: String = #""hosts:read""#,
    params: String = "",
    config: String = "",
    systems: [String: Value] = ["rocky": Self.system()]
  ) async throws -> PluginWorld {
    let world = try PluginWorld()
    try world.add(
      "desk",
      provides: """
        primitives = { { name = "act", summary = "Acts", effect = "reads", returns = "What comes of it",
          params = { \(params) } } },
        """,
      capabilities: capabilities,
      code: "return { primitives = { act = function(system, args) \(body) end } }",
      more: "config = { \(config) },"
    )
    try world.folder.add("desk", ["system.lua": #"return { bots = { bot1 = { role = "engine", live = true } } }"#])
    return try await world.open(systems: systems)
  }

  private static func system(_ more: [String: Value] = [:]) -> Value {
    .table(["plugin": .string("desk"), "on": .string("web1")].merging(more) { $1 })
  }

  @Test(arguments: [
    ("system.name", Value.string("rocky")), ("tostring(system)", .string("rocky")),
    ("tostring(system.bots)", .string("bot1")), ("#system.hosts", .int(1)),
    ("system.roles.engine[1]", .string("bot1")), ("tostring(system.kinds.bot1)", .string("bot1")),
    ("system.bots:contains('bot1')", .bool(true)), ("system == systems.get('rocky')", .bool(true)),
    ("system.name .. '.x'", .string("rocky.x")), ("system .. '.x'", .string("rocky.x")),
    ("systems()[1].name", .string("rocky")), ("systems()[1].live", .string("bot1")),
    ("system", .string("rocky")), ("#args", .int(0)),
    ("tostring(system.bots | 'bot1')", .string("bot1")),
  ])
  func `a function gets the system first`(expression: String, value: Value) async throws {
    let world = try await world("return \(expression)")
    #expect(try await world.type("desk.act()") == [value])
  }

  // Its name was handed over, and so that it exists.
  @Test func `a system of another plugin is not handed over`() async throws {
    let world = try PluginWorld()
    for id in ["desk", "alien"] {
      try world.add(
        id,
        provides: """
          primitives = { { name = "act", summary = "Acts", effect = "reads", returns = "A name", params = {
            { "system", type = "system" }, { "other", type = "system" } } } },
          """,
        capabilities: #""hosts:read""#,
        code: "return { primitives = { act = function(system, args) return args.other.name end } }",
        more: ""
      )
      try world.folder.add(id, ["system.lua": "return {}"])
    }
    let alien = Value.table(["plugin": .string("alien"), "on": .string("web1")])
    try await world.open(systems: ["rocky": Self.system(), "area51": alien])
    #expect(try await world.type("desk.act('rocky', 'rocky')") == [.string("rocky")])
    let failure = await world.failure("desk.act('rocky', 'area51')")
    #expect(failure?.code == "system.unknown", "\(String(describing: failure))")
  }

  // There were two checks of one name.
  @Test(arguments: ["host", "alien"])
  func `a system cannot be called as a family of checks or another plugin`(name: String) async throws {
    let world = try PluginWorld()
    for id in ["desk", "alien"] {
      try world.add(acting: id, "return 1")
      try world.folder.add(id, ["system.lua": "return {}"])
    }
    var domain = Domain("own")
    domain.checks = [Check(CheckDeclaration("host.disk", "Disks", ok: [.equals(0)])) { _ in [] }]
    let taken = [name: Self.system()]
    await #expect(throws: DataError.self) { _ = try await world.open(systems: taken, domains: [domain]) }
    let free = ["desk": Self.system(), "other": Self.system(["prefix": .string("x")])]
    try await world.open(systems: free, domains: [domain])
  }

  @Test(arguments: [
    ("system.name = 'x'", "lua.readonly"), ("system.roles.x = 1", "lua.readonly"),
    ("rawset(system, 'a', 1)", "lua.readonly"),
    ("return system.bot", "lua.undefined"), ("return system.roles.engin", "lua.undefined"),
    ("return system.config.keys", "lua.undefined"), ("return systems.get('rock')", "system.unknown"),
  ])
  func `a system cannot be changed, and what it lacks is told`(body: String, code: String) async throws {
    let failure = try await world(body).failure("desk.act()")
    #expect(failure?.code == code, "\(String(describing: failure))")
    if body.contains("engin") {
      #expect(failure?.message.contains("system 'rocky' has no role 'engin'") == true)
      #expect(failure?.hint == "did you mean 'engine'?")
    }
  }

  @Test func `its fields are read with the capabilities of the code that got it`() async throws {
    let world = try await world("return system.bots", capabilities: "")
    let failure = await world.failure("desk.act()")
    #expect(failure?.code == "plugin.capability")
    #expect(failure?.message == "plugin 'desk' called the bots of a system without the capability 'hosts:read'")
    let named = try await self.world(
      "return system.name .. system.config.k",
      capabilities: "",
      config: #"{ "k", type = "text", default = "v" }"#
    )
    #expect(try await named.type("desk.act()") == [.string("rockyv")])
  }

  @Test func `sets of a system act with the capabilities of the code that got it, too`() async throws {
    let world = try await world("return system.bots | '@front'", capabilities: "")
    #expect(await world.failure("desk.act()")?.code == "plugin.capability")
  }

  @Test func `the settings of a system are judged by the manifest, and fall back to those of the plugin`() async throws
  {
    let config = #"{ "keys", type = "path" }, { "level", type = "integer", default = 3 }"#
    let world = try await world(
      "return { system.config.keys, system.config.level }",
      config: config,
      systems: ["rocky": Self.system(["keys": .string("k.json")])]
    )
    #expect(try await world.type("desk.act()") == [.array([.string("k.json"), .int(3)])])
    for (more, path, words) in [
      (["keys": Value.string("k"), "level": .string("x")], "systems.rocky.level", "a whole number"),
      (["level": .int(1)], "systems.rocky.keys", "got nothing"),
      (["kees": .string("k")], "systems.rocky.kees", "'kees'"),
    ] {
      let error = await #expect(throws: DataError.self) {
        _ = try await self.world("", config: config, systems: ["rocky": Self.system(more)])
      }
      #expect(error?.path == path && error?.message.contains(words) == true, "\(String(describing: error))")
    }
  }

  @Test func `a call names the system where there are several, by name or as itself`() async throws {
    let systems = ["a": Self.system(["prefix": .string("bot")]), "b": Self.system()]
    let world = try await world("return system.name", systems: systems)
    #expect(try await world.type(#"desk.act{ system = "a" }"#) == [.string("a")])
    #expect(try await world.type(#"desk.act{ system = systems.get "b" }"#) == [.string("b")])
    let missing = await world.failure("desk.act()")
    #expect(missing?.message.contains("'system' is missing") == true, "\(String(describing: missing))")
    let unknown = await world.failure(#"desk.act{ system = "c" }"#)
    #expect(unknown?.code == "system.unknown" && unknown?.hint != nil)
  }

  @Test func `a plugin without a system says so`() async throws {
    let failure = try await world("return 1", systems: [:]).failure("desk.act()")
    #expect(failure?.message.contains("'system' is missing") == true || failure?.code == "system.missing")
  }

  @Test func `a parameter of type system hands over the system`() async throws {
    let world = try await world("return args.which.name .. system.name", params: #"{ "which", type = "system" }"#)
    #expect(try await world.type(#"desk.act "rocky""#) == [.string("rockyrocky")])
  }

  @Test func `a check is asked for each system, under its name`() async throws {
    let world = try PluginWorld()
    try world.add(
      "desk",
      provides: #"checks = { { name = "size", summary = "Hosts", ok = { above = 0 } } }"#,
      capabilities: #""hosts:read""#,
      code: "return { checks = { size = function(system, args) return { value = #system.hosts } end } }"
    )
    try world.folder.add("desk", ["system.lua": "return { bots = { bot1 = {} } }"])
    try await world.open(systems: ["a": Self.system(["prefix": .string("x")]), "b": Self.system()])
    #expect(world.host.checks.map(\.declaration.name) == ["a.size", "b.size"])
    try await world.open()
    #expect(world.host.checks.isEmpty)
  }

  @Test func `another plugin's system is not seen`() async throws {
    let world = try PluginWorld()
    try world.add(acting: "spy", capabilities: #""hosts:read""#, "return #systems()")
    try world.add(acting: "thief", capabilities: #""hosts:read""#, "return systems.get('rocky').config")
    try world.add("desk", capabilities: "", code: "return {}")
    try world.folder.add("desk", ["system.lua": "return { bots = { bot1 = {} } }"])
    try await world.open(systems: ["rocky": Self.system()])
    #expect(try await world.type("spy.act()") == [.int(0)])
    #expect(await world.failure("thief.act()")?.code == "system.unknown")
    #expect(try await world.type("#systems()") == [.int(1)])
  }

  @Test(arguments: [
    (
      "bots = { a = { needs = { 'b' } }, b = { needs = { 'a' } } }",
      ":1: bots.a.needs: expected needs without a cycle, got a needs b needs a"
    ),
    ("bot = {}", "expected a known key, got 'bot'"), ("bots = { a = { needs = 'c' } }", "bots.a.needs"),
  ])
  func `a wrong system.lua is told with file and line, and its systems say why nothing is known`(
    content: String,
    words: String
  ) async throws {
    let world = try PluginWorld()
    try world.add("desk", code: "return {}")
    try world.folder.add("desk", ["system.lua": "return { \(content) }"])
    try await world.open(systems: ["rocky": Self.system()])
    let problem = try #require(world.problem("desk"))
    #expect(problem.message.contains("desk/system.lua:1") && problem.message.contains(words), "\(problem.message)")
    #expect(world.host.systems.systems.first?.problem != nil)
    // Nobody can say whether it is live.
    #expect(world.host.systems.undecided("bot1")?.name == "rocky" && world.host.systems.isLive("bot1"))
  }

  @Test func `a system of a plugin that is not there, or serves none, is a mistake of the site`() async throws {
    for (plugin, words) in [("dsk", "the id of a plugin, got 'dsk'"), ("plain", "which has no system.lua")] {
      let world = try PluginWorld()
      try world.add(acting: "plain", "return 1")
      try world.add("desk", code: "return {}")
      try world.folder.add("desk", ["system.lua": "return {}"])
      let error = await #expect(throws: DataError.self) {
        _ = try await world.open(systems: ["rocky": Self.system(["plugin": .string(plugin)])])
      }
      #expect(error?.path == "systems.rocky.plugin" && error?.message.contains(words) == true)
      if plugin == "dsk" { #expect(error?.hint == "did you mean 'desk'?") }
    }
  }
}

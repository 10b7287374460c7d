import Foundation
import LuaRuntime
import OpshTesting
import PluginHost
import PrimitiveKit
import Testing

struct PluginLoaderTests {
  static let manifest = """
    return { id = "toy", version = "1.0.0", api = 2, summary = "A toy", capabilities = { "hosts:change" },
      config = { { "root", type = "path", default = "~/toys", help = "Where" } },
      provides = { runtimes = { "toy" } } }
    """
  static let verbs = ["pull", "start", "stop", "rename", "remove", "inspect", "list", "logs"]
  static let driver = verbs.map { "driver_\($0)() { :; }" }.joined(separator: "\n") + "\n"
  static let module = """
    return { runtimes = { toy = { script = "driver.sh",
      verbs = { \(verbs.map { "\($0) = \"driver_\($0)\"" }.joined(separator: ", ")) },
      environment = function(config) return { ROOT = config.root } end } } }
    """

  let folder = PluginFolder()

  func load(_ files: [String: String], settings: [String: Value] = [:]) async throws -> LoadedPlugin {
    try folder.add("toy", files)
    let loader = PluginLoader(
      engine: try LuaEngine(catalog: Catalog()),
      roots: [folder.root],
      domains: try DomainSet([]),
      site: OneBot()
    )
    return try #require(await loader.load(settings: settings).first)
  }

  var good: [String: String] { ["plugin.lua": Self.manifest, "init.lua": Self.module, "driver.sh": Self.driver] }

  @Test func `no code runs of a plugin whose drivers are known, until its files or its settings change`() async throws {
    let digest = try #require(try await load(good).driverDigest)
    func reload(_ known: [String: String], _ settings: String = "~/toys") async throws -> LoadedPlugin {
      let loader = PluginLoader(
        engine: try LuaEngine(catalog: Catalog()),
        roots: [folder.root],
        domains: try DomainSet([]),
        site: OneBot(),
        known: known
      )
      return try #require(await loader.load(settings: ["toy": .table(["root": .string(settings)])]).first)
    }
    let skipped = try await reload(["toy": digest])
    #expect(skipped.problem == nil && skipped.runtimes.isEmpty && skipped.driverDigest == digest)
    #expect(try await reload(["toy": "other"]).runtimes.map(\.name) == ["toy"])
    #expect(try await reload(["toy": digest], "/srv").runtimes.first?.environment == ["ROOT": "/srv"])
    try folder.add("toy", ["driver.sh": Self.driver + "\n"])
    #expect(try await reload(["toy": digest]).runtimes.map(\.name) == ["toy"])
  }

  @Test func `a runtime keeps names for itself`() async throws {
    let module = Self.module.replacing(
      #"script = "driver.sh","#,
      with: #"script = "driver.sh", reserved = { "images", "tmp-*" },"#
    )
    let plugin = try await load(["plugin.lua": Self.manifest, "init.lua": module, "driver.sh": Self.driver])
    let driver = try #require(plugin.runtimes.first, "\(String(describing: plugin.problem))")
    #expect(
      driver.reserves("images") == "images" && driver.reserves("tmp-1") == "tmp-*" && driver.reserves("bot1") == nil
    )
    #expect(plugin.path == "\(folder.root)/toy")
    let wrong = Self.module.replacing(#"script = "driver.sh","#, with: #"script = "driver.sh", reserved = "images","#)
    let failed = try await load(["plugin.lua": Self.manifest, "init.lua": wrong, "driver.sh": Self.driver])
    #expect(failed.problem?.message.contains("reserved: expected a list of names") == true)
  }

  @Test func `the script of a runtime may be several files, joined in their order`() async throws {
    let module = Self.module.replacing(#"script = "driver.sh","#, with: #"script = { "driver.sh", "more.sh" },"#)
    let files = [
      "plugin.lua": Self.manifest, "init.lua": module, "driver.sh": Self.driver, "more.sh": "more() { :; }\n",
    ]
    let plugin = try await load(files)
    #expect(plugin.runtimes.first?.script == "\(Self.driver)\nmore() { :; }\n", "\(String(describing: plugin.problem))")
    for wrong in [#"script = { "driver.sh", "../x.sh" },"#, "script = {},", #"script = { 7, "driver.sh" },"#] {
      let module = Self.module.replacing(#"script = "driver.sh","#, with: wrong)
      let failed = try await load(["plugin.lua": Self.manifest, "init.lua": module, "driver.sh": Self.driver])
      #expect(failed.problem?.message.contains("the name of a file next to it, or a list of names") == true, "\(wrong)")
    }
  }

  @Test func `a runtime gets its settings, defaults included`() async throws {
    let plugin = try await load(good)
    #expect(plugin.problem == nil)
    #expect(plugin.runtimes.first?.environment == ["ROOT": "~/toys"])
    let told = try await load(good, settings: ["toy": .table(["root": .string("/srv")])])
    #expect(told.runtimes.first?.environment == ["ROOT": "/srv"])
  }

  @Test(arguments: [
    (#"return { id = "other", version = "1.0.0", api = 2, summary = "x" }"#, "plugin.lua:1: id: expected"),
    (
      #"return { id = "toy", version = "1.0.0", api = 2, summary = "x", provides = { runtimes = { "gone" } } }"#,
      "init.lua:1: runtimes.toy: plugin.lua promises no runtime 'toy'"
    ),
    ("return {", "plugin.lua:1"),
    ("while true do end", "instructions"),
    ("fleet.hosts()", "fleet"),
  ])
  func `a manifest that is wrong is named and loads nothing`(manifest: String, complaint: String) async throws {
    var files = good
    files["plugin.lua"] = manifest
    let plugin = try await load(files)
    #expect(plugin.runtimes.isEmpty)
    #expect(plugin.problem?.message.contains(complaint) == true, "\(plugin.problem?.message ?? "no problem")")
  }

  @Test func `a driver without one of the verbs is refused`() async throws {
    var files = good
    files["driver.sh"] = Self.driver.replacing("driver_rename()", with: "driver_renamed()")
    #expect(try await load(files).problem?.message.contains("driver_rename") == true)
  }

  @Test func `an unknown setting names the nearest`() async throws {
    let plugin = try await load(good, settings: ["toy": .table(["rot": .string("/srv")])])
    #expect(plugin.problem?.hint == "did you mean 'root'?")
  }

  @Test func `a level of the one before still loads`() async throws {
    var files = good
    files["plugin.lua"] = Self.manifest.replacing("api = 2", with: "api = 1").replacing(
      "hosts:change",
      with: "host:script"
    )
    let plugin = try await load(files)
    #expect(plugin.problem == nil && plugin.manifest?.capabilities == [])
    let dialogue = RecordingDialogue()
    PluginHost([plugin], dialogue: dialogue, now: { Date() }).announce()
    #expect(
      dialogue.said == ["plugin 'toy' uses plugin level 1, which the next opsh no longer loads; see docs/plugins.md"]
    )
  }

  @Test func `a setting without a default must be set`() async throws {
    var files = good
    files["plugin.lua"] = Self.manifest.replacing(", default = \"~/toys\"", with: "")
    let plugin = try await load(files)
    #expect(plugin.problem?.message == "the site does not set 'root' of plugin 'toy', which has no default")
    #expect(plugin.problem?.hint == "set it to a path: Where")
    #expect(try await load(files, settings: ["toy": .table(["root": .string("/srv")])]).problem == nil)
  }

  @Test func `a setting of the wrong type is refused`() async throws {
    let plugin = try await load(good, settings: ["toy": .table(["root": .int(7)])])
    #expect(plugin.problem?.message == "the setting 'root' of 'toy' should be a path, got 7")
  }

  @Test(arguments: [
    ("duration", Value.string("90s"), Value.string("soon")), ("url", .string("https://x"), .string("x")),
    ("host", .string("web1"), .string("web2")), ("bots", .string("bot1"), .string("bot2")),
    ("text", .string("x"), .int(1)), ("boolean", .bool(true), .string("yes")), ("integer", .int(1), .number(0.5)),
  ])
  func `a setting is checked against its type`(type: String, right: Value, wrong: Value) async throws {
    var files = good
    files["plugin.lua"] = Self.manifest.replacing("type = \"path\", default = \"~/toys\"", with: "type = \"\(type)\"")
    files["init.lua"] = Self.module.replacing("config.root", with: "tostring(config.root)")
    #expect(try await load(files, settings: ["toy": .table(["root": right])]).problem == nil)
    let refused = try await load(files, settings: ["toy": .table(["root": wrong])])
    #expect(refused.problem?.code == "plugin.config")
  }

  @Test func `a type that nobody has is a load error`() async throws {
    var files = good
    files["plugin.lua"] = Self.manifest.replacing("type = \"path\"", with: "type = \"pathh\"")
    let plugin = try await load(files)
    #expect(
      plugin.why?.contains("plugin.lua:2: config[1].type: expected the type of the setting, got \"pathh\"") == true
    )
    #expect(plugin.problem?.hint == "did you mean 'path'?")
  }

  @Test func `one bad plugin does not keep the others out`() async throws {
    try folder.add("toy", good)
    try folder.add("bad", ["plugin.lua": "return 7"])
    let loader = PluginLoader(
      engine: try LuaEngine(catalog: Catalog()),
      roots: [folder.root],
      domains: try DomainSet([]),
      site: OneBot()
    )
    let plugins = await loader.load(settings: [:])
    #expect(plugins.map(\.id) == ["bad", "toy"])
    #expect(plugins.map { $0.problem == nil } == [false, true])
  }
}

import Foundation
import LuaRuntime
import OpshTesting
import PluginHost
import PrimitiveKit
import Testing

/// Every mistake a stranger makes gives file, line, sentence and hint, and the rest of opsh works.
struct BrokenPluginTests {
  private func good(_ world: PluginWorld) throws {
    try world.add(acting: "good", capabilities: #""hosts:read""#, "return fleet.look(args.x)")
  }

  private func expectGood(_ world: PluginWorld) async throws {
    #expect(try await world.type(#"return good.act "x", fleet.look(1)"#) == [.string("x"), .int(1)])
    #expect(world.host.plugins.map { $0.problem == nil } == [false, true])
    #expect(world.catalog["bad.act"] == nil)
    #expect(world.dialogue.said.count == 1 && world.dialogue.text.hasPrefix("plugin 'bad' is not loaded: "))
  }

  @Test(arguments: BrokenPlugin.manifests + BrokenPlugin.modules + BrokenPlugin.checks)
  func `it says where, what and what to do`(_ broken: BrokenPlugin) async throws {
    let world = try PluginWorld()
    try good(world)
    try world.folder.add("bad", ["plugin.lua": BrokenPlugin.manifest, "init.lua": BrokenPlugin.module])
    try world.folder.add("bad", [broken.file: broken.text])
    try await world.open()
    let why = try #require(world.host.plugins.first { $0.id == "bad" }?.why, "\(broken.name) was loaded")
    let place = "\(world.folder.root)/bad/\(broken.file):\(broken.line ?? 1)"
    #expect(why.hasPrefix(place + ":"), "\(why)")
    #expect(why.contains(broken.words), "\(why)")
    #expect(!why.contains("\n"), "\(why)")
    let hint = world.problem("bad")?.hint ?? ""
    #expect(!hint.isEmpty && (broken.hint.isEmpty || hint.contains(broken.hint)), "\(hint)")
    try await expectGood(world)
  }

  @Test func `as it stands the plugin of these tests works`() async throws {
    let world = try PluginWorld()
    try world.folder.add("bad", ["plugin.lua": BrokenPlugin.manifest, "init.lua": BrokenPlugin.module])
    try await world.open()
    #expect(try await world.type("return bad.act()") == [.int(1)])
    #expect(world.dialogue.said == [])
  }

  @Test(arguments: ["plugin.lua", "init.lua"])
  func `a file that is not UTF-8 is named with the line`(file: String) async throws {
    let world = try PluginWorld()
    try good(world)
    try world.folder.add("bad", ["plugin.lua": BrokenPlugin.manifest, "init.lua": BrokenPlugin.module])
    let text = file == "plugin.lua" ? BrokenPlugin.manifest : BrokenPlugin.module
    var data = Data(text.utf8)
    let second = try #require(data.firstIndex(of: 10)) + 1
    data.insert(0xff, at: second)
    try world.folder.add("bad", file, data)
    try await world.open()
    #expect(world.problem("bad")?.message == "\(world.folder.root)/bad/\(file):2: not UTF-8 text")
    try await expectGood(world)
  }

  @Test func `a manifest without the file of its functions is named`() async throws {
    let world = try PluginWorld()
    try good(world)
    try world.folder.add("bad", ["plugin.lua": BrokenPlugin.manifest])
    try await world.open()
    #expect(world.problem("bad")?.message == "\(world.folder.root)/bad/init.lua cannot be read")
    try await expectGood(world)
  }

  @Test(arguments: ["fleet", "plugin", "program", "string", "set", "print"])
  func `a plugin must not take a name of opsh`(id: String) async throws {
    let world = try PluginWorld()
    try good(world)
    try world.add(acting: id, "return 1")
    try await world.open()
    let problem = try #require(world.problem(id))
    #expect(problem.message.contains("'\(id)'") && problem.hint != nil, "\(problem)")
    #expect(try await world.type("return fleet.look(1), ('x'):rep(2)") == [.int(1), .string("xx")])
    #expect(try await world.type(#"return good.act "x""#) == [.string("x")])
  }

  @Test func `of two folders of one name the first is used, and it says which it hides`() async throws {
    let world = try PluginWorld()
    try good(world)
    let other = PluginFolder()
    try other.add("good", ["plugin.lua": "return 7"])
    let loader = PluginLoader(
      engine: try LuaEngine(catalog: Catalog()),
      roots: [world.folder.root, other.root],
      domains: try DomainSet([]),
      site: OneBot()
    )
    let plugins = await loader.load(settings: [:])
    #expect(plugins.count == 1 && plugins[0].problem == nil && plugins[0].path == "\(world.folder.root)/good")
    #expect(plugins[0].hidden == ["\(other.root)/good"])
  }

  @Test func `of two plugins with one transport the first has it, and the other says whose it is`() async throws {
    let world = try PluginWorld()
    for id in ["a", "b"] {
      try world.add(
        id,
        provides: #"transports = { "tunnel" }"#,
        capabilities: #""programs""#,
        code: #"return { transports = { tunnel = { command = { "reach", "%a", "%c" } } } }"#
      )
    }
    try await world.open()
    #expect(world.problem("a") == nil)
    let problem = try #require(world.problem("b"))
    let place = "\(world.folder.root)/b/plugin.lua:4: provides.transports[1]"
    #expect(problem.message == "\(place): the transport 'tunnel' is that of plugin 'a' already")
    #expect(problem.hint == "rename the transport, or remove one of the two plugins")
    #expect(world.host.plugins.map { $0.transports.keys.sorted() } == [["tunnel"], []])
  }

  // MARK: While it runs

  @Test(arguments: [
    ("while true do end", "a call of plugin 'bad' used more than 50 ms of processor time"),
    ("while true do pcall(fleet.look) end", "a call of plugin 'bad' used more than 50 ms of processor time"),
    ("local s = 'x' while true do s = s .. s end", "a call of plugin 'bad' needed more than 8 MiB of memory"),
    ("return approvals.lift()", "plugin 'bad' must not call approvals.lift: it is for the operator alone"),
    ("return ledger.look()", "plugin 'bad' called ledger.look without the capability 'ledger:read'"),
    ("return fleet.look({ what = 1, wht = 2 })", "no argument named 'wht'"),
    ("return print", "the result is a function"), ("return args.x.y", "attempt to index a nil value"),
    ("return nothing", "nothing"), ("error { code = 'bad.luck', message = 'bad luck' }", "bad luck"),
    ("error()", "raised a nil"), ("return coroutine.yield(1)", "yield"), ("return act()", "act"),
  ])
  func `what goes wrong in a call is said with its line, and the session goes on`(body: String, words: String)
    async throws
  {
    let world = try PluginWorld()
    try good(world)
    try world.add(acting: "bad", capabilities: #""hosts:read""#, "\n\(body)")
    try await world.open(budget: LuaBudget(processor: .milliseconds(50), memory: 8 << 20))
    let failure = try #require(await world.failure("bad.act()"))
    #expect(failure.message.contains(words), "\(failure.message)")
    #expect(
      failure.trace.first?.hasPrefix("\(world.folder.root)/bad/init.lua:\(body == "return print" ? 1 : 2)") == true,
      "\(failure.trace)"
    )
    _ = world.takeCalls()
    #expect(try await world.type(#"return good.act "x", fleet.look(1)"#) == [.string("x"), .int(1)])
  }
}

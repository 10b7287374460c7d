import LuaRuntime
import OpshTesting
import PrimitiveKit
import Testing

@testable import PluginHost

/// A domain names a hook, and the plugins that have it are asked.
struct HookTests {
  private let point = HookPoint("opened", "Asked in tests", effect: .reads, deadline: .seconds(1))
  private let world: PluginWorld

  init() throws { world = try PluginWorld() }

  private func add(_ id: String, _ body: String) throws {
    try world.add(
      id,
      provides: #"hooks = { "opened" }"#,
      capabilities: #""hosts:read", "hosts:change""#,
      code: "return { hooks = { opened = function(event, config) \(body) end } }",
      more: #"config = { { "team", type = "text", default = "ops" } },"#
    )
  }

  private func open() async throws {
    var domain = Domain("own")
    domain.hooks = [point]
    try await world.open(domains: [domain])
  }

  @Test func `each gets the event and its settings, and the answers come in the order of their ids`() async throws {
    try add("b", "return config.team .. event.desk")
    try add("a", "return fleet.look(event.desk)")
    try await open()
    #expect(world.host.plugins(with: point) == ["a", "b"])
    let answers = await world.host.ask(point, .table(["desk": .string("spot")]))
    #expect(answers.map(\.plugin) == ["a", "b"])
    #expect(try answers.map { try $0.result.get() } == [.string("spot"), .string("opsspot")])
    #expect(world.takeCalls() == ["a: fleet.look"])
  }

  @Test(arguments: [
    ("local t = nil return t.x", "plugin 'a': "), ("return fleet.act(1)", "fleet.act has the effect 'changes'"),
    ("return ledger.look()", "plugin 'a' called ledger.look without the capability"),
    ("fleet.wait()", "a call of plugin 'a' took longer than 1 s"),
    ("while true do pcall(fleet.wait) end", "a call of plugin 'a' took longer than 1 s"),
  ])
  func `what one does wrong is its answer, with file and line, and the next is asked`(body: String, words: String)
    async throws
  {
    try add("a", body)
    try add("b", "return 7")
    try await open()
    let answers = await world.host.ask(point, .null)
    #expect(try answers.last?.result.get() == .int(7) && answers.count == 2)
    let failure = #expect(throws: CallFailure.self) { try answers[0].result.get() }
    #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
    #expect(failure?.message.contains("\(world.folder.root)/a/init.lua:1") == true, "\(String(describing: failure))")
    #expect(world.takeCalls().allSatisfy { $0 != "a: fleet.act" })
  }

  @Test func `one that is disabled says so`() async throws {
    try add("a", "return 1")
    try await open()
    try await world.type(#"plugin.disable "a""#)
    let answers = await world.host.ask(point, .null)
    let failure = #expect(throws: CallFailure.self) { try answers[0].result.get() }
    #expect(failure?.message == "plugin 'a' is disabled")
  }

  @Test func `one that could not be loaded answers why`() async throws {
    try world.add("a", provides: #"hooks = { "opened" }"#, code: "return {")
    try add("b", "return 7")
    try await open()
    let answers = await world.host.ask(point, .null)
    #expect(answers.map(\.plugin) == ["a", "b"])
    let failure = #expect(throws: CallFailure.self) { try answers[0].result.get() }
    #expect(failure?.message.hasPrefix("plugin 'a' is not loaded: \(world.folder.root)/a/init.lua:1") == true)
  }

  @Test func `only one that reads is asked apart from the run`() {
    func isLook(_ effect: Effect) -> Bool { PluginCall(id: "a", section: "hooks", name: "x", effect: effect).isLook }
    #expect(isLook(.reads) && !isLook(.changes) && !isLook(.trades))
  }

  @Test func `a hook that no domain names is an error that names the nearest`() async throws {
    try world.add("a", provides: #"hooks = { "opned" }"#, code: "return { hooks = { opned = print } }")
    try await open()
    let problem = try #require(world.problem("a"))
    let place = "\(world.folder.root)/a/plugin.lua:4"
    #expect(problem.message == "\(place): provides.hooks[1]: expected a hook of opsh, got 'opned'")
    #expect(problem.hint == "did you mean 'opened'?")
  }
}

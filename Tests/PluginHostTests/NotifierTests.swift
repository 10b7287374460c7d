import OpshTesting
import PluginHost
import PrimitiveKit
import Testing

/// A notifier gets an event and answers whether it was delivered.
struct NotifierTests {
  private let notifier = PluginNotifier(plugin: "pager", name: "page")
  private let event = Value.table(["event": .string("question.unanswered"), "run": .string("r1")])

  private func world(_ body: String, within deadline: Duration = .seconds(15)) async throws -> PluginWorld {
    let world = try PluginWorld()
    try world.add(
      "pager",
      provides: #"notifiers = { "page" }"#,
      capabilities: #""hosts:read", "hosts:change""#,
      code: "return { notifiers = { page = function(event, config) \(body) end } }",
      more: #"config = { { "team", type = "text", default = "ops" } },"#
    )
    try await world.open(deadline: deadline)
    try #require(world.problem("pager") == nil, "\(world.problem("pager") as Any)")
    return world
  }

  @Test func `it gets the event and the settings, and says that it is delivered`() async throws {
    let world = try await world(#"fleet.act(event.run .. config.team) return event.event == "question.unanswered""#)
    #expect(world.host.notifiers == [notifier])
    try await world.host.deliver(event, to: notifier)
    #expect(world.takeCalls() == ["pager: fleet.act"])
  }

  @Test(arguments: [
    ("return false", "it did not answer true"), ("", "it did not answer true"), ("return 1", "it did not answer true"),
    ("return 'the pager is busy'", "the pager is busy"),
  ])
  func `whatever else it answers is not delivered`(body: String, why: String) async throws {
    let world = try await world(body)
    let failure = await #expect(throws: CallFailure.self) { try await world.host.deliver(event, to: notifier) }
    #expect(failure?.message == "notifier 'page' of plugin 'pager' delivered nothing: \(why)")
  }

  @Test(arguments: ["fleet.wait()", "while true do pcall(fleet.wait) end"])
  func `one that never answers is stopped`(body: String) async throws {
    let world = try await world(body, within: .milliseconds(30))
    let failure = await #expect(throws: CallFailure.self) { try await world.host.deliver(event, to: notifier) }
    #expect(failure?.message == "a call of plugin 'pager' took longer than 30 ms")
  }

  @Test func `one notice that it cannot bear, tried again and again, does not disable it, three do`() async throws {
    let world = try await world("return event.who.name == 'ben'")
    func deliver(_ id: String) async -> String? {
      let notice = Value.table(["event": .string("finding"), "id": .string(id)])
      do throws(CallFailure) {
        try await world.host.deliver(notice, to: notifier)
        return nil
      } catch {
        return error.code
      }
    }
    for pause in [5.0, 10, 20, 40] {
      #expect(await deliver("a") != "plugin.disabled")
      world.pass(pause)
    }
    #expect(world.dialogue.said == [])
    for id in ["b", "c", "d"] { _ = await deliver(id) }
    #expect(await deliver("e") == "plugin.disabled" && world.dialogue.said.count == 1)
  }

  @Test func `it cannot trade or administer`() async throws {
    let world = try await world("return approvals.lift()")
    await #expect(throws: CallFailure.self) { try await world.host.deliver(event, to: notifier) }
    #expect(world.takeCalls() == [])
  }
}

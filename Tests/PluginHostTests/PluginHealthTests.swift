import OpshTesting
import PluginHost
import PrimitiveKit
import Testing

/// A plugin that keeps failing is disabled, and the operator brings it back.
struct PluginHealthTests {
  private func world(_ body: String, isAttended: Bool = true) async throws -> PluginWorld {
    let world = try PluginWorld()
    try world.add(acting: "shaky", capabilities: #""hosts:read""#, body)
    return try await world.open(isAttended: isAttended)
  }

  private func state(_ world: PluginWorld) async throws -> Value {
    try await world.type(#"return plugin.info "shaky""#).first?["state"] ?? .null
  }

  @Test func `three failures within a minute disable it, with a notice`() async throws {
    let world = try await world("return args.x.y")
    for _ in 1...2 { _ = await world.failure("shaky.act()") }
    #expect(try await state(world) == .string("loaded") && world.dialogue.said == [])
    _ = await world.failure("shaky.act()")
    #expect(try await state(world) == .string("disabled"))
    #expect(world.dialogue.said.count == 1)
    #expect(
      world.dialogue.text.hasPrefix("plugin 'shaky' is disabled: 3 failures within a minute, the last in shaky.act: ")
    )
    #expect(world.dialogue.text.contains("init.lua:1") && world.dialogue.text.hasSuffix("enables it as it is"))
    let refused = try #require(await world.failure("shaky.act()"))
    #expect(refused.code == "plugin.disabled" && refused.failureClass == .refused)
    #expect(refused.hint == "fix its files, then `site.reload()`; `plugin.enable \"shaky\"` runs what was read before")
    #expect(world.dialogue.said.count == 1)
  }

  @Test func `failures that are further apart do not`() async throws {
    let world = try await world("return args.x.y")
    for _ in 1...5 {
      _ = await world.failure("shaky.act()")
      world.pass(31)
    }
    #expect(try await state(world) == .string("loaded"))
  }

  @Test func `what the world did to it is not its fault`() async throws {
    let body = "error { class = 'unavailable', code = 'fleet.unreachable', message = 'web1 cannot be reached' }"
    let world = try await world(body)
    for _ in 1...5 { _ = await world.failure("shaky.act()") }
    for _ in 1...5 { _ = await world.failure("shaky.act{ y = 1 }") }
    #expect(try await state(world) == .string("loaded") && world.dialogue.said == [])
  }

  // Three calls while a host was silent disabled the plugin and its checks.
  @Test func `what it raises with a code is meant, and no fault of its own`() async throws {
    let world = try await world("error { code = 'shaky.silent', message = 'web1 does not answer' }")
    for _ in 1...5 { #expect(await world.failure("shaky.act()")?.code == "shaky.silent") }
    #expect(try await state(world) == .string("loaded") && world.dialogue.said == [])
  }

  @Test func `it comes back with a clean slate`() async throws {
    let world = try await world("if args.x then return args.x end return args.x.y")
    for _ in 1...3 { _ = await world.failure("shaky.act()") }
    #expect(try await world.type(#"return plugin.enable "shaky""#).first?["state"] == .string("loaded"))
    #expect(try await world.type("return shaky.act '7'") == [.string("7")])
    for _ in 1...2 { _ = await world.failure("shaky.act()") }
    #expect(try await state(world) == .string("loaded"))
  }

  @Test func `where nobody can enable it, it is tried again after a while, and later each time it goes on failing`()
    async throws
  {
    let world = try await world("if args.x then return args.x end return args.x.y", isAttended: false)
    for (pause, words) in [(60.0, "60 s"), (120, "2 min"), (240, "4 min"), (480, "8 min"), (600, "10 min")] {
      for _ in 1...3 { _ = await world.failure("shaky.act()") }
      let said = try #require(world.dialogue.said.last)
      #expect(
        said.hasPrefix("plugin 'shaky' is disabled for \(words): 3 failures within a minute") && !said.contains("`")
      )
      world.pass(pause - 1)
      let refused = try #require(await world.failure("shaky.act '7'"))
      #expect(refused.code == "plugin.disabled" && refused.message.hasPrefix("plugin 'shaky' is disabled until "))
      #expect(refused.hint == "fix the cause; opsh enables it again then")
      world.pass(1)
      #expect(try await state(world) == .string("loaded"))
      #expect(try await world.type("return shaky.act '7'") == [.string("7")])
    }
    // One that did well for long begins anew.
    world.pass(3600)
    for _ in 1...3 { _ = await world.failure("shaky.act()") }
    #expect(world.dialogue.said.last?.hasPrefix("plugin 'shaky' is disabled for 60 s: ") == true)
  }

  @Test func `one whom an operator disables stays so where nobody is there, too`() async throws {
    let world = try await world("return 7", isAttended: false)
    try await world.type(#"plugin.disable "shaky""#)
    world.pass(86_400)
    #expect(try await state(world) == .string("disabled"))
  }

  @Test func `an operator disables it`() async throws {
    let world = try await world("return 7")
    #expect(try await world.type(#"return plugin.disable "shaky""#).first?["state"] == .string("disabled"))
    #expect(await world.failure("shaky.act()")?.message == "plugin 'shaky' is disabled")
    try await world.type(#"plugin.enable "shaky""#)
    #expect(try await world.type("return shaky.act()") == [.int(7)])
  }

  @Test func `one that cannot be loaded cannot be enabled, and one that is not there is named`() async throws {
    let world = try PluginWorld()
    try world.add("shaky", code: "return 7", more: "\n  sumary = 1,")
    try await world.open()
    let failure = try #require(await world.failure(#"plugin.enable "shaky""#))
    #expect(failure.code == "plugin.failed" && failure.message.contains("sumary"))
    let unknown = await world.failure(#"plugin.info "shakey""#)
    #expect(unknown?.message == "no plugin is called 'shakey'" && unknown?.hint == "did you mean 'shaky'?")
  }

  @Test func `info tells everything about it`() async throws {
    let world = try await world("return args.x.y")
    _ = await world.failure("shaky.act()")
    let info = try #require(try await world.type(#"return plugin.info "shaky""#).first)
    #expect(info["version"] == .string("1.0.0") && info["path"] == .string("\(world.folder.root)/shaky"))
    #expect(info["capabilities"] == .array([.string("hosts:read")]))
    #expect(info["provides"] == .array([.string("primitive shaky.act")]))
    guard case .string(let failure) = info["last_failure"] else {
      Issue.record("\(info)")
      return
    }
    #expect(failure.hasPrefix("shaky.act: \(world.folder.root)/shaky/init.lua:1: "), "\(failure)")
    #expect(info["failed_at"] != .string("never"))
    let row = try #require(try await world.type("return plugins()").first)
    guard case .array(let rows) = row else {
      Issue.record("\(row)")
      return
    }
    #expect(rows.count == 1 && rows[0]["state"] == .string("loaded") && rows[0]["last_failure"] == info["last_failure"])
  }
}

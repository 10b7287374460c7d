import Foundation
import LuaRuntime
import PluginHost
import PrimitiveKit
import Reference
import Testing

/// A primitive of a plugin cannot be told from one of opsh.
struct PluginPrimitiveTests {
  static let provides = """
    primitives = {
      { name = "count", summary = "Counts the accounts of a desk", effect = "reads", returns = "The number",
        params = {
          { "desk", choices = { "spot", "perp" }, help = "Which desk" },
          { "least", type = "integer", default = 3, min = 1, help = "The least number of accounts" },
          { "on", type = "hosts", required = false, help = "Only on these hosts" },
        },
        examples = { { "desks.count{ desk = \\"spot\\" }", "the spot desk" } }, topics = { "accounts" } },
      { name = "mint", summary = "Makes an account", effect = "administers", returns = "Its name" },
    },
    """
  static let code = """
    return {
      primitives = {
        count = function(args) return { desk = args.desk, least = args.least, on = args.on, seen = fleet.look(7) } end,
        mint = function() return fleet.act("account") end,
      },
    }
    """

  let world: PluginWorld

  init() async throws {
    world = try PluginWorld()
    try world.add("desks", provides: Self.provides, capabilities: #""hosts:read", "hosts:change""#, code: Self.code)
    try await world.open()
    try #require(world.problem("desks") == nil, "\(world.problem("desks") as Any)")
  }

  @Test func `it is called by name, in order and in the command form, with its defaults`() async throws {
    let expected = Value.table(["desk": .string("spot"), "least": .int(3), "seen": .int(7)])
    for call in [#"desks.count{ desk = "spot" }"#, #"desks.count "spot""#, #"desks.count<desk="spot">"#] {
      #expect(try await world.type(call) == [expected], "\(call)")
    }
    #expect(world.takeCalls() == Array(repeating: "desks: fleet.look", count: 3))
    let whole = try await world.type(#"desks.count{ desk = "perp", least = 9, on = { "web1", "web2" } }"#)
    #expect(whole.first?["least"] == .int(9) && whole.first?["on"] == .string("web1,web2"))
  }

  @Test(arguments: [
    (#"desks.count{}"#, "desks.count: 'desk' is missing: Which desk", "`help(desks.count)` shows its arguments"),
    (#"desks.count{ dsk = "spot" }"#, "desks.count: no argument named 'dsk'", "did you mean 'desk'?"),
    (#"desks.count "spit""#, #"desks.count: 'desk' should be one of spot, perp, got "spit""#, "did you mean 'spot'?"),
    (
      #"desks.count{ desk = "spot", least = "many" }"#, #"desks.count: 'least' should be a whole number, got "many""#,
      "The least number of accounts"
    ),
    (#"desks.count("spot", 0)"#, "desks.count: 'least' should be at least 1, got 0", "The least number of accounts"),
    (
      #"desks.count("spot", 1, "web1", 2)"#, "desks.count: too many arguments: expected at most 3, got 4",
      "usage: desks.count(desk, [least], [on])"
    ),
    ("desks.cuont()", "cuont", "did you mean 'count'?"),
  ])
  func `its mistakes are told as those of opsh's own`(call: String, message: String, hint: String) async throws {
    let failure = try #require(await world.failure(call))
    #expect(failure.message.contains(message), "\(failure.message)")
    #expect(failure.hint == hint)
    #expect(failure.failureClass == .invalid)
    #expect(world.takeCalls() == [])
  }

  @Test func `help, search and completion know it`() async throws {
    let book = HelpBook(world.catalog.infos)
    let page = try book.text(about: "desks.count")
    #expect(page.contains("desks.count(desk, [least], [on])"), "\(page)")
    #expect(page.contains("effect: reads"), "\(page)")
    #expect(page.contains("Which desk (spot, perp)"), "\(page)")
    #expect(page.contains("= 3"), "\(page)")
    #expect(page.contains(#"desks.count{ desk = "spot" }"#) && page.contains("the spot desk"), "\(page)")
    #expect(try book.text(about: "accounts").contains("desks.count"))
    #expect(try book.text(about: "desks").contains("desks.mint"))
    #expect(await world.engine.names(under: ["desks"]) == ["count", "mint"])
    let info = try #require(world.catalog["desks.count"]?.info)
    #expect(info.parameters.map(\.completion) == [.choices(["spot", "perp"]), .none, .hosts])
  }

  @Test func `its effect is kept by the context, and narrows what it calls`() async throws {
    let check = CallContext(allowed: [.reads], name: "check")
    let refused = await #expect(throws: CallFailure.self) {
      try await check.whileCalling { () async throws(CallFailure) in try await world.type("desks.mint()") }
    }
    #expect(refused?.message == "desks.mint has the effect 'administers', but check allows only 'reads'")
    #expect(try await world.type("desks.mint()") == [.string("account")])
    #expect(world.takeCalls() == ["desks: fleet.act"])
  }

  @Test func `one that declares that it reads changes nothing`() async throws {
    try world.add(acting: "liar", capabilities: #""hosts:change""#, effect: "reads", "return fleet.act()")
    try await world.open()
    let failure = try #require(await world.failure("liar.act()"))
    #expect(failure.message == "fleet.act has the effect 'changes', but liar.act allows only 'reads'")
    #expect(failure.trace.first?.hasPrefix("\(world.folder.root)/liar/init.lua:1") == true)
    #expect(world.takeCalls() == [])
  }

  @Test func `what it raises carries file and line`() async throws {
    try world.add(acting: "sad", "\nlocal t = nil\nreturn t.x")
    try await world.open()
    let failure = try #require(await world.failure("sad.act()"))
    #expect(failure.trace.first == "\(world.folder.root)/sad/init.lua:3", "\(failure)")
    #expect(failure.message.contains("attempt to index a nil value"))
  }

  @Test func `its functions share a file and modules beside it`() async throws {
    try world.folder.add(
      "pair",
      [
        "plugin.lua": #"""
        return { id = "pair", version = "1.0.0", api = 2, summary = "Two", provides = { primitives = {
          { name = "up", summary = "Counts up", effect = "reads", returns = "The count" },
          { name = "show", summary = "Shows the count", effect = "reads", returns = "The count" },
        } } }
        """#,
        "counter.lua": "local count = 0 return { up = function() count = count + 1 return count end }",
        "init.lua": """
        local counter = require "counter"
        local last = 0
        return { primitives = { up = function() last = counter.up() return last end, show = function() return last end } }
        """,
      ]
    )
    try await world.open()
    #expect(try await world.type("pair.up() pair.up() return pair.show()") == [.int(2)])
  }

  // Each call has a budget of its own, so this ran until it was killed.
  @Test(.timeLimit(.minutes(1))) func `a loop of calls of its own primitives uses up the budget`() async throws {
    let world = try PluginWorld()
    try world.add(
      "desk",
      provides: """
        primitives = {
          { name = "small", summary = "Does little", effect = "reads", returns = "a number" },
          { name = "loop", summary = "Calls it for ever", effect = "reads", returns = "nothing" },
        },
        """,
      code: """
        return { primitives = {
          small = function() local sum = 0 for number = 1, 20000 do sum = sum + number end return sum end,
          loop = function() while true do desk.small() end end,
        } }
        """
    )
    try await world.open(budget: LuaBudget(processor: .milliseconds(100)))
    #expect(try await world.type("return desk.small()") == [.int(200_010_000)])
    let failure = await world.failure("desk.loop()")
    #expect(failure?.message.contains("processor time") == true, "\(String(describing: failure))")
  }
}

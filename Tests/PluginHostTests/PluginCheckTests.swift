import Foundation
import LuaRuntime
import OpshTesting
import PrimitiveKit
import Testing

@testable import Checks
@testable import PluginHost

/// A plugin measures, its manifest judges, and what goes wrong in between is UNKNOWN with plugin, file and line.
struct PluginCheckTests {
  private let world: PluginWorld
  private var code: String { "\(world.folder.root)/desk/init.lua" }

  init() throws { world = try PluginWorld() }

  /// A plugin with one check whose function has this body from the third line on; OK below 50, BAD from 80.
  private func desk(
    _ body: String,
    declared: String = #"ok = { below = 50 }, bad = { from = 80 }"#,
    capabilities: String = #""hosts:read", "hosts:change""#,
    domains: [Domain] = [],
    budget: LuaBudget = LuaBudget()
  ) async throws {
    try world.add(
      "desk",
      provides: #"checks = { { name = "locked", summary = "Margin locked", unit = "USDC", \#(declared) } }"#,
      capabilities: capabilities,
      code: "return { checks = {\n  locked = function(args, config)\n\(body)\n  end } }",
      more: #"config = { { "limit", type = "integer", default = 7 } },"#
    )
    try await world.open(domains: domains, budget: budget)
  }

  private func surroundings(
    _ site: [String: Value] = [:],
    clock: any Clock<Duration> = ContinuousClock()
  ) throws -> Surroundings {
    let now = Date(timeIntervalSince1970: 1000)
    var surroundings = Surroundings(
      world: World(mode: .live, clock: clock, now: { now }, drawSeed: { 1 }, services: Services()),
      dialogue: world.dialogue,
      options: SessionOptions()
    )
    surroundings.checks = world.host.checks
    surroundings.sections = try DataSections([CheckSettings.self], reading: DataField(.table(site)), in: OneBot())
    return surroundings
  }

  private func findings(_ site: [String: Value] = [:]) async throws -> [Finding] {
    let surroundings = try surroundings(site)
    return try await CheckRunner(surroundings).findings(of: surroundings.checkList.checks)
  }

  @Test(arguments: [
    ("49.999", CheckLevel.ok), ("50", .warn), ("50.001", .warn), ("79.999", .warn), ("80", .bad), ("80.001", .bad),
    ("-1", .ok), ("0", .ok), ("1e308", .bad),
  ])
  func `the manifest judges what the function measures`(value: String, level: CheckLevel) async throws {
    try await desk("return { value = \(value) }")
    let found = try await findings()
    #expect(found.map(\.level) == [level] && found[0].check == "desk.locked" && found[0].unit == "USDC")
  }

  @Test func `it gets the deadline and the settings, and answers several subjects with evidence and time`() async throws
  {
    try await desk(
      """
      return {
        { value = args.deadline, subject = "web1", at = 990, evidence = fleet.look { what = { "a" } } },
        { value = config.limit, subject = "web2" },
      }
      """,
      declared: #"ok = { below = 20 }, age = "1m", deadline = "25s", owner = "anna", refs = { "docs/x.md" }"#
    )
    let found = try await findings()
    #expect(found.map(\.subject) == ["web1", "web2"] && found.map(\.value) == [25, 7])
    #expect(found.map(\.level) == [.warn, .ok] && found[0].age == 10 && found[0].owner == "anna")
    #expect(found[0].evidence == .array([.string("a")]) && found[0].refs == ["docs/x.md"])
    #expect(world.takeCalls() == ["desk: fleet.look"])
  }

  @Test(arguments: [
    ("return { value = nil }", "the check answered no value, and no `evidence` that says why"),
    ("", "the check answered nothing"),
    ("return {}", "the check answered no value, and no `evidence` that says why"),
    ("return { value = 0/0 }", "the value is not a number"),
    ("return { value = 1/0 }", "the value is infinite"),
    ("return { evidence = 'web2 does\\nnot answer' }", "web2 does not answer"),
  ])
  func `without a number it is UNKNOWN, and the function is named`(body: String, words: String) async throws {
    try await desk(body)
    let found = try await findings()
    #expect(found.map(\.level) == [.unknown] && found[0].value == nil)
    #expect(found[0].note == "\(words) (plugin 'desk', \(code):2)")
    #expect(world.host.plugins[0].problem == nil)
  }

  @Test(arguments: [
    (#"return { value = "12" }"#, #"value: expected a number, got "12""#, 2),
    ("return { value = true }", "value: expected a number, got true", 2),
    ("return 12", "the answer: expected a table such as { value = 3", 2),
    (#"return { "x" }"#, "[1]: expected a table such as { value = 3", 2),
    ("return { vaule = 12 }", "vaule: expected a known key, got 'vaule'; did you mean 'value'?", 2),
    (#"return { value = 1, at = "now" }"#, #"at: expected seconds since 1970, got "now""#, 2),
    ("return { value = 1, subject = 7 }", "subject: expected a text", 2),
    ("return { value = print }", "a function", 2), ("local t = nil\nreturn t.x", "attempt to index a nil value", 4),
    ("error 'boom'", "boom", 3), ("error()", "raised a nil", 3),
    ("while true do end", "used more than 50 ms of processor time", 3),
    ("while true do pcall(fleet.look) end", "used more than 50 ms of processor time", 3),
    ("local s = 'x' while true do s = s .. s end", "needed more than 8 MiB of memory", 3),
    ("return { value = ledger.look() }", "plugin 'desk' called ledger.look without the capability 'ledger:read'", 3),
    ("return { value = fleet.act(1) }", "fleet.act has the effect 'changes', but check 'locked'", 3),
    ("return { value = approvals.lift() }", "it is for the operator alone", 3),
  ])
  func `what goes wrong is UNKNOWN with plugin, file and line, and the rest is measured`(
    body: String,
    words: String,
    line: Int
  ) async throws {
    try world.add(
      "good",
      provides: #"checks = { { name = "one", summary = "One", ok = { to = 1 } } }"#,
      code: "return { checks = { one = function() return { value = 1 } end } }"
    )
    try await desk(body, budget: LuaBudget(processor: .milliseconds(50), memory: 8 << 20))
    let found = try await findings()
    #expect(found.map(\.level) == [.unknown, .ok])
    #expect(found[0].note.contains(words), "\(found[0].note)")
    #expect(found[0].note.contains("plugin 'desk'"), "\(found[0].note)")
    #expect(found[0].note.contains("\(code):\(line)"), "\(found[0].note)")
    #expect(!found[0].note.contains("\n"))
    #expect(world.takeCalls().allSatisfy { $0 == "desk: fleet.look" })
  }

  @Test(arguments: [
    ("at = 2000", "in the future"), ("at = 1e300", "seconds since 1970 are expected"),
    ("at = 0/0", "seconds since 1970 are expected"),
    ("at = 100", "it may be at most"),
  ])
  func `a value of another time is UNKNOWN`(at: String, words: String) async throws {
    try await desk("return { value = 1, \(at) }", declared: #"ok = { below = 50 }, age = "1m""#)
    let found = try await findings()
    #expect(found.map(\.level) == [.unknown] && found[0].note.contains(words), "\(found[0].note)")
    // Whose mistake it is, and where it is corrected.
    #expect(found[0].note.contains("(plugin 'desk', "), "\(found[0].note)")
  }

  @Test func `two values of one subject are UNKNOWN, and no subject at all is, too`() async throws {
    try await desk("local function m(s) return { value = 1, subject = s } end return { m 'a', m 'a', m 'b' }")
    let found = try await findings()
    #expect(found.map(\.level) == [.unknown, .ok])
    #expect(
      found[0].note.hasPrefix("it answered 2 measurements of 'a'; give each a `subject` of its own (plugin 'desk', ")
    )
  }

  @Test(arguments: ["fleet.wait()", "while true do pcall(fleet.wait) end"])
  func `one that does not answer is UNKNOWN after its deadline`(body: String) async throws {
    let clock = ManualClock()
    try await desk(body, declared: #"ok = { below = 50 }, deadline = "5s""#)
    let surroundings = try surroundings(clock: clock)
    let found = try await lettingSecondsPass(clock) {
      try await CheckRunner(surroundings).findings(of: surroundings.checkList.checks)
    }
    #expect(found.map(\.note) == ["no answer within 5 s from plugin 'desk', \(code):2"])
  }

  @Test func `growth is judged from two samples`() async throws {
    try await desk("return { value = 1 }", declared: #"ok = { below = 50 }, growth = "1h""#)
    let found = try await findings()
    #expect(found.map(\.level) == [.unknown] && found[0].note == "this is the first sample; growth needs two")
  }

  @Test func `the site judges otherwise and says so, and a wrong name is told the nearest`() async throws {
    try await desk("return { value = 60 }")
    let override = Value.table(["ok": .table(["to": .int(60)]), "owner": .string("ben")])
    let found = try await findings(["checks": .table(["desk.locked": override])])
    #expect(found.map(\.level) == [.ok] && found[0].isOverridden && found[0].owner == "ben")
    let wrong = try await findings(["checks": .table(["desk.loked": override])])
    #expect(wrong.map(\.level) == [.unknown, .warn])
    #expect(wrong[0].note.hasPrefix("site.lua: checks[\"desk.loked\"]: no check is called 'desk.loked'"))
  }

  @Test func `disabled it is UNKNOWN, enabled it is measured again`() async throws {
    try await desk("return { value = 1 }")
    try await world.type(#"plugin.disable "desk""#)
    let found = try await findings()
    #expect(found.map(\.level) == [.unknown] && found[0].note == "plugin 'desk' is disabled")
    try await world.type(#"plugin.enable "desk""#)
    #expect(try await findings().map(\.level) == [.ok])
  }

  @Test func `three failures within a minute disable its plugin, missing values do not`() async throws {
    try await desk("return { value = 'x' }")
    for _ in 0..<3 { _ = try await findings() }
    #expect(try await findings()[0].note.hasPrefix("plugin 'desk' is disabled: \(code):2: value: expected"))
    try await desk("return {}")
    for _ in 0..<5 { _ = try await findings() }
    #expect(try await findings()[0].note.hasPrefix("the check answered no value"))
  }

  @Test func `of a plugin that cannot be loaded every check is UNKNOWN`() async throws {
    try await desk("return {")
    let found = try await findings()
    #expect(found.map(\.level) == [.unknown])
    #expect(found[0].note.hasPrefix("plugin 'desk' is not loaded: \(code):"), "\(found[0].note)")
  }

  @Test(arguments: ["*", "desk.*", "*.locked", "desk.locked", "de?k.lo*", "*locked"])
  func `where the manifest cannot be read one check stands for all, and no gate passes for want of them`(
    pattern: String
  ) async throws {
    try world.add(
      "good",
      provides: #"checks = { { name = "locked", summary = "One", ok = { to = 1 } } }"#,
      code: "return { checks = { locked = function() return { value = 1 } end } }"
    )
    try world.folder.add("desk", ["plugin.lua": "return { id ="])
    try await world.open()
    let surroundings = try surroundings(["gates": .string(pattern)])
    let found = try await CheckRunner(surroundings).findings(of: surroundings.checkList.selected(by: [pattern]))
    #expect(found.first?.check == "desk.plugin" && found.first?.level == .unknown, "\(found)")
    let words = "plugin 'desk' is not loaded: \(world.folder.root)/desk/plugin.lua:1"
    #expect(found.first?.note.hasPrefix(words) == true, "\(found)")
    guard case .unknown = await CheckGate().judge(.wave(done: []), in: surroundings) else {
      Issue.record("a gate passes for want of the checks of a broken plugin")
      return
    }
    guard case .unknown = await CheckGate().judge(.cured("x", cures: [pattern]), in: surroundings) else {
      Issue.record("what nobody can measure counts as cured")
      return
    }
    let others = try self.surroundings(["gates": .string("good.*")])
    #expect(await CheckGate().judge(.wave(done: []), in: others) == .allow)
  }

  @Test func `where the manifest of a plugin cannot be read each of its systems has the one check`() async throws {
    try world.folder.add("desk", ["plugin.lua": "return {", "system.lua": "return {}"])
    let system = Value.table(["plugin": .string("desk"), "on": .string("web1")])
    try await world.open(systems: ["perp": system, "spot": system])
    #expect(world.host.checks.map(\.declaration.name) == ["perp.plugin", "spot.plugin"])
  }

  @Test func `the null of JSON is no value`() throws {
    let fields: [String: Value] = ["value": .jsonNull, "at": .jsonNull, "subject": .jsonNull, "evidence": .jsonNull]
    for answer in [Value.table(fields), .array([.table(fields)])] {
      #expect(
        try MeasuredAnswer(answer).measured == [
          Measured(nil, note: "the check answered no value, and no `evidence` that says why")
        ]
      )
    }
    #expect(try MeasuredAnswer(.jsonNull).measured == [Measured(nil, note: "the check answered nothing")])
  }

  @Test func `the list and the story tell what it is`() async throws {
    try await desk("return { value = 60, evidence = { account = 'mm-1' } }")
    let primitives = CheckPrimitives(surroundings: try surroundings()).all
    let why = try #require(primitives.first { $0.info.name == "why" })
    _ = try await why.call([.string("desk.locked")])
    #expect(world.dialogue.text.contains("measured by plugin 'desk', \(code):2"), "\(world.dialogue.text)")
    #expect(world.dialogue.text.contains(#"from: { account = "mm-1" }"#), "\(world.dialogue.text)")
    let list = try #require(primitives.first { $0.info.name == "checks" })
    guard case .array(let records) = try await list.call([]) else { throw CallFailure.cancelled }
    #expect(records.map { $0["name"] } == [.string("desk.locked")])
    #expect(records[0]["judged"] == .string("OK is less than 50, BAD is 80 or more"))
    #expect(try await world.type("return plugin.info 'desk'")[0]["provides"] == .array([.string("check desk.locked")]))
  }

  @Test func `a check must not take the name of one of opsh`() async throws {
    var domain = Domain("own")
    domain.checks = [Check(CheckDeclaration("desk.locked", "Own", ok: [.to(1)])) { _ in [] }]
    try await desk("return { value = 1 }", domains: [domain])
    let problem = try #require(world.problem("desk"))
    let words = "plugin.lua:4: provides.checks[1].name: opsh has a check 'desk.locked'"
    #expect(problem.message.contains(words), "\(problem)")
  }
}

import OpshTesting
import PrimitiveKit
import Testing

@testable import Checks

/// Who is told of what: the site says it as data.
struct RouteTests {
  private func settings(_ file: [String: Value]) throws -> CheckSettings {
    var stand = Stand()
    try stand.site(file)
    return stand.surroundings.sections[CheckSettings.self]
  }

  private func route(_ fields: [String: Value]) throws -> Route {
    try #require(try settings(["routes": .array([.table(fields)])]).routes.first)
  }

  @Test(arguments: [
    ("BAD", true, [CheckLevel.bad, .unknown]), ("BAD", false, [.bad]), ("WARN", true, [.warn, .bad, .unknown]),
    ("WARN", false, [.warn, .bad]), ("UNKNOWN", true, [.unknown]),
  ])
  func `UNKNOWN is routed like BAD unless the route says otherwise`(
    level: String,
    unknown: Bool,
    taken: [CheckLevel]
  ) throws {
    var fields: [String: Value] = ["level": .string(level), "to": .array([.string("pager")])]
    if !unknown { fields["unknown"] = .bool(false) }
    let route = try route(fields)
    #expect(CheckLevel.allCases.filter { route.takes("host.disk", $0) } == taken)
  }

  @Test func `a route may name checks by patterns, and says who is told and how often`() throws {
    let route = try route([
      "level": .string("bad"), "check": .array([.string("rocky.*"), .string("host.disk")]), "to": .string("pager"),
      "again": .string("30m"),
    ])
    #expect(route.takes("rocky.rejects", .bad) && route.takes("host.disk", .bad) && !route.takes("host.load", .bad))
    #expect(route.again == .seconds(1800) && route.to.map(\.name) == ["pager"])
  }

  @Test(arguments: [
    (["to": Value.string("x")], "routes[1].level: expected from which level on", "add"),
    (
      ["level": .string("BED"), "to": .string("x")], "routes[1].level: expected one of BAD, WARN, UNKNOWN",
      "did you mean 'BAD'?"
    ),
    (["level": .string("OK"), "to": .string("x")], "routes[1].level: expected one of BAD", ""),
    (["level": .string("BAD")], "routes[1].to: expected who is told", "add"),
    (["level": .string("BAD"), "to": .array([])], "routes[1].to: expected at least one notifier", ""),
    (["level": .string("BAD"), "to": .string("x"), "chekc": .string("y")], "routes[1].chekc", "did you mean 'check'?"),
    (
      ["level": .string("BAD"), "to": .string("x"), "again": .string("1s")], "routes[1].again: expected at least 1 min",
      ""
    ),
    (
      ["level": .string("BAD"), "to": .string("x"), "again": .string("soon")], "routes[1].again: expected a duration",
      ""
    ),
    (["level": .string("UNKNOWN"), "to": .string("x"), "unknown": .bool(false)], "routes[1].unknown", ""),
  ])
  func `what is wrong with a route is named`(fields: [String: Value], words: String, hint: String) {
    let error = #expect(throws: DataError.self) { try route(fields) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.hint?.contains(hint) ?? hint.isEmpty, "\(error?.hint ?? "")")
  }

  @Test func `a notifier is a program with its arguments, without a shell`() throws {
    let program = ["program": Value.array([.string("/bin/page"), .string("--team")]), "deadline": .string("5s")]
    let settings = try settings(["notifiers": .table(["pager": .table(program)])])
    #expect(settings.programs.map(\.command) == [["/bin/page", "--team"]])
    #expect(settings.programs.map(\.deadline) == [.seconds(5)])
  }

  @Test(arguments: [
    (["prorgam": Value.string("x")], "notifiers.pager.prorgam: expected a known key", "did you mean 'program'?"),
    ([:], "notifiers.pager.program: expected a program", "add"),
    (["program": .array([])], "notifiers.pager.program: expected a program", ""),
    (["program": .string("x"), "deadline": .string("1h")], "notifiers.pager.deadline: expected at most 5 min", ""),
  ])
  func `what is wrong with a notifier is named`(fields: [String: Value], words: String, hint: String) {
    let error = #expect(throws: DataError.self) { try settings(["notifiers": .table(["pager": .table(fields)])]) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.hint?.contains(hint) ?? hint.isEmpty, "\(error?.hint ?? "")")
  }

  @Test func `a notifier cannot be called as the program under notify is`() {
    let own = Value.table(["notify": .table(["program": .string("x")])])
    let error = #expect(throws: DataError.self) { try settings(["notify": .string("page"), "notifiers": own]) }
    #expect(error?.message.contains("notifiers.notify: expected another name") == true)
  }

  @Test(arguments: [
    ("pagre", ["desk.page", "pager"], "did you mean 'pager'?"),
    ("zzzzzz", ["alpha", "beta"], "the notifiers are alpha, beta, pager"),
    ("pager", [], "name a program: notifiers = { pager = { program ="),
  ])
  func `a route to nobody is an error at its place`(name: String, known: [String], hint: String) throws {
    let to = Value.array([.string("pager"), .string(name)])
    let settings = try settings(["routes": .array([.table(["level": .string("BAD"), "to": to])])])
    let error = #expect(throws: DataError.self) {
      try settings.check(notifiers: known + (name == "pager" ? [] : ["pager"]))
    }
    #expect(error?.path == (name == "pager" ? "routes[1].to[1]" : "routes[1].to[2]"))
    #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "")")
  }

  @Test func `how often a check is watched is declared with it, and is no judgement`() throws {
    var stand = Stand([.fill("desk.fill", [Measured(1)])])
    try stand.site(["checks": .table(["desk.fill": .table(["every": .string("5m")])])])
    let check = try #require(stand.surroundings.checkList.checks.first)
    #expect(check.declaration.every == .seconds(300) && !check.isOverridden)
    let error = #expect(throws: DataError.self) {
      try stand.site(["checks": .table(["desk.fill": .table(["every": .string("1ms")])])])
    }
    #expect(error?.message.contains("at least 1 s") == true)
  }

  @Test func `an optional check is there where the site names it`() throws {
    let image = Check(CheckDeclaration("bot.image", "It", ok: [.equals(0)]), isOptional: true) { _ in [] }
    var stand = Stand([image])
    #expect(stand.surroundings.checkList.checks.isEmpty)
    try stand.site(["checks": .table(["bot.image": .table([:])])])
    #expect(stand.surroundings.checkList.checks.map(\.declaration.name) == ["bot.image"])
    try stand.site(["gates": .array([.string("bot.image")])])
    #expect(stand.surroundings.checkList.checks.map(\.isOverridden) == [false])
  }

  @Test func `an optional check is there where a route names it, and no pattern means it`() throws {
    let image = Check(CheckDeclaration("bot.image", "It", ok: [.equals(0)]), isOptional: true) { _ in [] }
    for (name, count) in [("bot.image", 1), ("*", 0)] {
      var stand = Stand([image])
      try stand.route(check: name)
      #expect(stand.surroundings.checkList.checks.count { $0.declaration.name == "bot.image" } == count)
    }
  }

  @Test(arguments: [
    ("rokcy.*", "did you mean 'rocky.*'?"), ("rocky.reject", "did you mean 'rocky.rejects'?"),
    ("zzzzzz", "`checks()` lists them"),
  ])
  func `a route to no check is said, and UNKNOWN`(name: String, hint: String) async throws {
    var stand = Stand([.fill("rocky.rejects", [Measured(1)])] + WatchChecks.all)
    try stand.route(check: name)
    let problem = try #require(stand.surroundings.checkList.problems.first)
    #expect(problem.message == "site.lua: routes[1].check: no check is called '\(name)'" && problem.hint == hint)
    let finding = try #require(try await stand.findings().first { $0.check == "watch.routes" })
    #expect(finding.level == .unknown && finding.note == "\(problem.message); \(hint)")
    try stand.route(check: "rocky.*")
    #expect(stand.surroundings.checkList.problems.isEmpty)
    #expect(try await stand.findings().first { $0.check == "watch.routes" }?.level == .ok)
  }

  @Test func `the watcher's own checks are there where somebody is to be told`() throws {
    var stand = Stand(WatchChecks.all)
    #expect(stand.surroundings.checkList.checks.isEmpty)
    try stand.site(["routes": .array([.table(["level": .string("BAD"), "to": .string("pager")])])])
    #expect(
      stand.surroundings.checkList.checks.map(\.declaration.name) == ["watch.age", "watch.outbox", "watch.routes"]
    )
  }
}

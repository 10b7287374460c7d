import Foundation
import OpshTesting
import PrimitiveKit
import Testing

@testable import Checks

/// Checks that a site declares itself: what is wrong is an error with its place.
struct SiteCheckTests {
  private func check(_ fields: [String: Value], name: String = "tokyo.it") throws -> SiteCheck {
    var stand = Stand()
    try stand.site(["checks": .table([name: .table(fields)])])
    guard let check = stand.surroundings.sections[CheckSettings.self].own[name] else {
      throw CallFailure(.defect, code: "test", message: "it was not read")
    }
    return check
  }

  @Test func `a kind brings its unit and what usually is OK, and the site says it better`() throws {
    let port = try check(["kind": .string("port"), "port": .int(5432)])
    #expect(port.declaration.ok == [.from(1)] && port.declaration.bad == [.below(1)])
    let own = try check([
      "kind": .string("port"), "port": .int(5432), "summary": .string("Two of them"), "unit": .string("servers"),
      "ok": .table(["from": .int(2)]), "owner": .string("anna"),
    ])
    #expect(own.declaration.ok == [.from(2)] && own.declaration.bad.isEmpty)
    #expect(own.declaration.unit == "servers" && own.declaration.owner == "anna")
    #expect(own.check.declaration.summary == "Two of them")
  }

  @Test(arguments: [
    (["kind": Value.string("file_ag")], "kind: expected a kind of check, got \"file_ag\"", "did you mean 'file_age'?"),
    (["kind": .int(7)], "kind: expected a kind of check, got 7", "the kinds are dead_man, environment"),
    (["kind": .string("file_age")], "path: expected the file, got nothing", "add"),
    (["kind": .string("file_age"), "path": .string("a/")], "path: expected a file path", ""),
    (["kind": .string("file_age"), "path": .string("a")], "ok: expected when it is OK", "add"),
    (["kind": .string("file_age"), "paht": .string("a")], "paht: expected a known key", "did you mean 'path'?"),
    (["kind": .string("port"), "port": .int(0)], "port: expected a whole number from 1 to 65535, got 0", ""),
    (
      ["kind": .string("log_count"), "since": .string("5m"), "pattern": .string("x"), "ok": .table(["to": .int(1)])],
      "expected `path` or `unit`, got both or neither", "name one"
    ),
    (
      ["kind": .string("log_count"), "since": .string("5m"), "path": .string("x"), "ok": .table(["to": .int(1)])],
      "expected `pattern`, or `field` with `equals`, got both or neither", "name one"
    ),
    (
      ["kind": .string("log_count"), "since": .string("5m"), "path": .string("x"), "field": .string("code")],
      "equals: expected the value that is counted", "add"
    ),
    (
      ["kind": .string("environment"), "file": .string("x")], "expected `unit` or `pid_file`, got both or neither",
      "name"
    ),
    (["kind": .string("dead_man"), "ok": .table(["to": .int(1)])], "of: expected the name of a check", "add"),
  ])
  func `what is wrong with it is named`(fields: [String: Value], words: String, hint: String) {
    let error = #expect(throws: DataError.self) { try check(fields) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.hint?.contains(hint) ?? hint.isEmpty, "\(error?.hint ?? "")")
  }

  @Test func `a name that is taken makes the check UNKNOWN, not either of them`() async throws {
    var stand = Stand([.fill("host.port", [Measured(1)])])
    let port = Value.table(["kind": .string("port"), "port": .int(22)])
    try stand.site(["checks": .table(["host.port": port])])
    #expect(
      try await stand.findings().map(\.line) == [
        #"UNKNOWN host.port: site.lua: checks["host.port"]: there is already a check called 'host.port'"#
      ]
    )
  }

  @Test(
    arguments: [
      ("LoadState=loaded\nActiveState=active\nActiveEnterTimestampMonotonic=400000000\nNRestarts=2\n1000.5\n", 600.0),
      ("LoadState=loaded\nActiveState=failed\nActiveEnterTimestampMonotonic=400000000\n1000.5\n", 0),
      ("LoadState=loaded\nActiveState=activating\nActiveEnterTimestampMonotonic=0\n1000.5\n", 0),
      ("LoadState=not-found\nActiveState=inactive\nActiveEnterTimestampMonotonic=0\n1000.5\n", nil),
      ("LoadState=loaded\nActiveState=active\nActiveEnterTimestampMonotonic=\n1000.5\n", nil),
      ("LoadState=loaded\nActiveState=active\nActiveEnterTimestampMonotonic=400000000\n", nil), ("", nil),
    ] as [(String, Double?)]
  )
  func `a unit is as stable as systemd says`(output: String, value: Double?) throws {
    let unit = try check(["kind": .string("unit_stable"), "unit": .string("bot.service"), "user": .bool(true)])
    let probe = try #require(unit.probe as? UnitStable)
    #expect(probe.isUser && probe.read(output).value == value)
    #expect(value != nil || !probe.read(output).note.isEmpty)
  }
}

import PrimitiveKit
import Testing

@testable import Checks

/// Declarations as data, of sites and manifests: what judges is read, and what cannot judge is an error with its place.
struct DeclarationTests {
  private func read(_ fields: [String: Value]) throws(DataError) -> CheckDeclaration {
    try CheckDeclaration(
      reading: DataField(.table(fields), path: "checks[1]"),
      name: "rocky.max_locked",
      system: "rocky"
    )
  }

  private static let right: [String: Value] = [
    "summary": .string("Margin locked in the fullest account"), "unit": .string("USDC"),
    "ok": .table(["below": .int(50)]), "bad": .table(["from": .int(80)]), "age": .string("2m"),
    "owner": .string("trading"), "refs": .array([.string("docs/incidents.md")]),
  ]

  @Test func `a declaration is read whole`() throws {
    let check = try read(Self.right)
    #expect(check.name == "rocky.max_locked" && check.system == "rocky" && check.unit == "USDC")
    #expect(check.ok == [.below(50)] && check.bad == [.from(80)] && check.age == .seconds(120))
    #expect(check.owner == "trading" && check.refs == ["docs/incidents.md"] && check.growth == nil)
  }

  @Test func `every kind of threshold can be written, lengths of time in words`() throws {
    let ok = Value.table(["above": .int(1), "from": .number(1.5), "below": .string("2m"), "to": .string("1m30s")])
    let bad = Value.table(["equals": .int(-1), "between": .array([.int(200), .int(300)])])
    let check = try read(["summary": .string("It"), "ok": ok, "bad": bad])
    #expect(check.ok == [.above(1), .below(120), .from(1.5), .to(90)])
    #expect(check.bad == [.between(200, 300), .equals(-1)])
  }

  @Test(arguments: [
    (["ok": Value.null], "checks[1].ok: expected when it is OK"),
    (["summary": .null], "checks[1].summary: expected what it measures"),
    (["ok": .table(["belov": .int(50)])], "checks[1].ok.belov: expected a known key, got 'belov'"),
    (["ok": .table([:])], "checks[1].ok: expected one of above, below"),
    (["ok": .int(50)], "checks[1].ok: expected a table, got 50"),
    (["ok": .table(["below": .string("soon")])], "checks[1].ok.below: expected a number, or a duration"),
    (["ok": .table(["below": .number(.nan)])], "checks[1].ok.below: expected a number"),
    (["ok": .table(["between": .array([.int(3)])])], "checks[1].ok.between: expected a list of two numbers"),
    (
      ["bad": .table(["from": .int(40)])],
      "checks[1]: expected thresholds that judge every number once, got OK is less than 50"
    ),
    (
      ["ok": .table(["below": .int(3), "above": .int(9)])],
      "checks[1]: expected thresholds that judge every number once, got no number"
    ),
    (["age": .string("-2m")], "checks[1].age: expected a duration"),
    (["age": .int(0)], "checks[1].age: expected a duration"),
    (["deadline": .string("x")], "checks[1].deadline: expected a duration"),
    (["owner": .int(7)], "checks[1].owner: expected who"),
  ])
  func `what is wrong is named with its field`(change: [String: Value], words: String) {
    let fields = Self.right.merging(change) { _, new in new }
    let error = #expect(throws: DataError.self) { try read(fields) }
    #expect(error?.message.hasPrefix(words) == true, "\(error?.message ?? "")")
  }
}

import Foundations

/// What a site sets of a check instead of its author, as far as it is there.
package struct CheckOverride: Sendable, Equatable {
  package static let fields = ["age", "bad", "deadline", "every", "ok", "owner", "refs"]

  /// As it is written in the file, for errors.
  package let path: String
  package var ok: [Threshold]?
  package var bad: [Threshold]?
  package var age: Duration?
  package var deadline: Duration?
  package var every: Duration?
  package var owner: String?
  package var refs: [String]?

  /// Reads the fields; other ones are the caller's to refuse.
  ///
  /// Throws a `DataError`, also for `ok` and `bad` that cannot judge together.
  package init(reading field: DataField) throws(DataError) {
    path = field.path
    ok = try field.optional("ok")?.thresholds()
    bad = try field.optional("bad")?.thresholds()
    age = try field.optional("age")?.length()
    deadline = try field.optional("deadline")?.length()
    let pace = field.optional("every")
    every = try pace?.length()
    if let pace, let every, every < .seconds(1) { throw pace.wrong("at least 1 s") }
    owner = try field.optional("owner")?.string("who is responsible")
    refs = try field.optional("refs")?.texts("a list of pages")
    if let ok, let flaw = CheckDeclaration("", "", ok: ok, bad: bad ?? []).flaw { throw field.flawed(flaw) }
  }
}

extension CheckDeclaration {
  /// The fields of a declaration as data, its name aside: for sites and manifests.
  package static let fields = CheckOverride.fields + ["growth", "summary", "unit"]

  /// Reads a declaration; fields that are none of its own are the caller's to refuse.
  ///
  /// Throws a `DataError` for what is wrong, also for thresholds that cannot judge.
  package init(reading field: DataField, name: String, system: String = "") throws(DataError) {
    _ = try field.required("ok", "when it is OK, for example { below = 50 }")
    self.init(
      name,
      try field.required("summary", "what it measures, in one sentence").string("one sentence"),
      unit: try field.optional("unit")?.string("a unit such as \"USDC\"") ?? "",
      ok: [],
      growth: try field.optional("growth")?.length(),
      system: system
    )
    apply(try CheckOverride(reading: field))
  }

  /// Takes over what is set.
  package mutating func apply(_ override: CheckOverride) {
    ok = override.ok ?? ok
    bad = override.bad ?? bad
    age = override.age ?? age
    deadline = override.deadline ?? deadline
    every = override.every ?? every
    owner = override.owner ?? owner
    refs = override.refs ?? refs
  }
}

extension DataField {
  /// Bounds as data: `{ below = 50 }`, `{ from = 3, to = 9 }`, `{ between = { 3, 9 } }`; lengths of time in seconds.
  package func thresholds() throws(DataError) -> [Threshold] {
    let kinds = ["above", "below", "between", "equals", "from", "to"]
    try allow(kinds)
    var thresholds: [Threshold] = []
    for (kind, field) in try entries("a table of thresholds") {
      switch kind {
      case "above": thresholds.append(.above(try field.bound()))
      case "below": thresholds.append(.below(try field.bound()))
      case "equals": thresholds.append(.equals(try field.bound()))
      case "from": thresholds.append(.from(try field.bound()))
      case "to": thresholds.append(.to(try field.bound()))
      default:
        let ends = try field.list("a list of two numbers")
        guard ends.count == 2 else { throw field.wrong("a list of two numbers, the lower first") }
        thresholds.append(.between(try ends[0].bound(), try ends[1].bound()))
      }
    }
    guard !thresholds.isEmpty else { throw wrong("one of \(kinds.joined(separator: ", "))") }
    return thresholds
  }

  /// A length of time that is more than none: seconds as a number, or a text such as `"2m"`.
  package func length() throws(DataError) -> Duration {
    guard let length = try? Duration(value), length > .zero else { throw wrong("a duration such as 30 or \"2m\"") }
    return length
  }

  /// The error of thresholds that cannot judge.
  package func flawed(_ flaw: String) -> DataError {
    DataError(path: path, expected: "thresholds that judge every number once", got: flaw)
  }

  private func bound() throws(DataError) -> Double {
    switch value {
    case .int(let int): return Double(int)
    case .number(let number) where number.isFinite: return number
    case .string(let text):
      guard let length = Duration(parsing: text) else { throw wrong("a number, or a duration such as \"2m\"") }
      return length.seconds
    default: throw wrong("a number, or a duration such as \"2m\"")
    }
  }
}

package import PrimitiveKit

/// What a site gives to the parameters of runbooks in dry runs.
package struct SiteArguments: Sendable {
  /// By the name of the runbook, then of the parameter.
  package let values: [String: [String: Value]]
  private let place: @Sendable (_ field: String) -> String

  /// `place` says where a field of the site stands, for example `site.lua:12`.
  package init(
    _ values: [String: [String: Value]] = [:],
    place: @escaping @Sendable (_ field: String) -> String = { _ in "the site" }
  ) {
    self.values = values
    self.place = place
  }

  /// Checks that there are runbooks of the names that the site uses; throws `site.invalid`.
  package func check(known: [String]) throws(CallFailure) {
    for name in values.keys.sorted() where !known.contains(name) {
      let others = known.isEmpty ? nil : "runbooks: \(known.joined(separator: ", "))"
      throw failure(
        name,
        expected: "the name of a runbook",
        got: "'\(name)'",
        hint: NearestName.question(for: name, in: known) ?? others
      )
    }
  }

  /// Checks that a runbook has the parameters that the site names; throws `site.invalid`.
  func check(_ runbook: String, parameters: [String]) throws(CallFailure) {
    for name in (values[runbook] ?? [:]).keys.sorted() where !parameters.contains(name) {
      let others = parameters.isEmpty ? "it has none" : "its parameters: \(parameters.joined(separator: ", "))"
      throw failure(
        runbook,
        name,
        expected: "a parameter of '\(runbook)'",
        got: "'\(name)'",
        hint: NearestName.question(for: name, in: parameters) ?? others
      )
    }
  }

  /// The value of a parameter; nil when the site has none.
  func value(_ parameter: RunbookParameter, of runbook: String) throws(CallFailure) -> Value? {
    guard let given = values[runbook]?[parameter.name] else { return nil }
    do throws(ConversionError) {
      return try parameter.bound(given)
    } catch {
      throw failure(
        runbook,
        parameter.name,
        expected: error.expected,
        got: error.found,
        hint: error.hint ?? parameter.help
      )
    }
  }

  private func failure(_ names: String..., expected: String, got: String, hint: String?) -> CallFailure {
    let field = names.reduce("dry_run.arguments") { LuaFieldPath.child(of: $0, $1) }
    return CallFailure(
      .invalid,
      code: "site.invalid",
      message: "\(place(field)): \(field): expected \(expected), got \(got)",
      hint: hint
    )
  }
}

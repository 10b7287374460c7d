/// A check as it is declared: what it measures and how its number is judged, as data (DESIGN section 15).
package struct CheckDeclaration: Sendable, Equatable {
  /// A dotted name, for example `ledger.breaks`.
  package let name: String
  /// What it measures, in one sentence.
  package let summary: String
  /// Of its numbers, for example `USDC`; empty for none.
  package let unit: String
  /// It is OK where all of these hold.
  package let ok: [Threshold]
  /// It is BAD where one of these holds; what lies between is WARN.
  package let bad: [Threshold]
  /// A measurement that is older is UNKNOWN; nil for no limit.
  package let age: Duration?

  package init(
    _ name: String,
    _ summary: String,
    unit: String = "",
    ok: [Threshold],
    bad: [Threshold] = [],
    age: Duration? = nil
  ) {
    self.name = name
    self.summary = summary
    self.unit = unit
    self.ok = ok
    self.bad = bad
    self.age = age
  }

  /// What a number of some age is worth; no number, or one that is none, is UNKNOWN.
  package func level(of value: Double?, age: Duration = .zero) -> CheckLevel {
    guard let value, !value.isNaN, age <= self.age ?? age else { return .unknown }
    if bad.contains(where: { $0.holds(for: value) }) { return .bad }
    return ok.allSatisfy { $0.holds(for: value) } ? .ok : .warn
  }
}

/// What a check found, from best to worst.
package enum CheckLevel: String, Sendable, Codable, CaseIterable {
  case ok = "OK"
  case warn = "WARN"
  case bad = "BAD"
  /// Not known, which is never green.
  case unknown = "UNKNOWN"
}

/// A bound of a check's number.
package enum Threshold: Sendable, Equatable {
  /// Less than this.
  case below(Double)
  /// At most this.
  case to(Double)
  /// More than this.
  case above(Double)
  /// At least this.
  case from(Double)
  case equals(Double)
  /// At least the first, at most the second.
  case between(Double, Double)

  /// Whether a number is within the bound.
  package func holds(for value: Double) -> Bool {
    switch self {
    case .below(let limit): value < limit
    case .to(let limit): value <= limit
    case .above(let limit): value > limit
    case .from(let limit): value >= limit
    case .equals(let wanted): value == wanted
    case .between(let low, let high): value >= low && value <= high
    }
  }
}

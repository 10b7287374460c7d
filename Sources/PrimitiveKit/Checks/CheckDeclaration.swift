/// A check as its author declares it: what it measures, and how its number is judged, as data (DESIGN section 15).
package struct CheckDeclaration: Sendable, Equatable {
  /// A dotted name, for example `host.disk`.
  package private(set) var name: String
  /// What it measures, in one sentence.
  package let summary: String
  /// The unit of its numbers, for example `USDC`; empty for none.
  package let unit: String
  /// It is OK when all of these hold.
  package var ok: [Threshold]
  /// It is BAD when one of these holds; anything else is WARN.
  package var bad: [Threshold]
  /// A measurement that is older is UNKNOWN; nil for no limit.
  package var age: Duration?
  /// How long measuring may take; after that the finding is UNKNOWN.
  package var deadline: Duration
  /// How often `opsh watch` measures it.
  package var every: Duration
  /// What is judged is how much the number grows in this time, between two samples; nil judges the number itself.
  package var growth: Duration?
  /// Who is responsible for what it watches; empty for nobody.
  package var owner: String
  /// Pages that explain more: paths and addresses.
  package var refs: [String]
  /// The system it belongs to; empty for none.
  package var system: String

  /// The same for a system that its plugin serves, under a name of its own.
  package func named(_ name: String, of system: String) -> CheckDeclaration {
    var copy = self
    (copy.name, copy.system) = (name, system)
    return copy
  }

  package init(
    _ name: String,
    _ summary: String,
    unit: String = "",
    ok: [Threshold],
    bad: [Threshold] = [],
    age: Duration? = nil,
    deadline: Duration = .seconds(30),
    every: Duration = .seconds(60),
    growth: Duration? = nil,
    owner: String = "",
    refs: [String] = [],
    system: String = ""
  ) {
    self.name = name
    self.summary = summary
    self.unit = unit
    self.ok = ok
    self.bad = bad
    self.age = age
    self.deadline = deadline
    self.every = every
    self.growth = growth
    self.owner = owner
    self.refs = refs
    self.system = system
  }

  /// The level of a number that is this old; no number, NaN, an infinite one and one that is too old are UNKNOWN.
  package func level(of value: Double?, age: Duration = .zero) -> CheckLevel {
    guard let value, value.isFinite, age <= self.age ?? age else { return .unknown }
    if bad.contains(where: { $0.holds(for: value) }) { return .bad }
    return !ok.isEmpty && ok.allSatisfy { $0.holds(for: value) } ? .ok : .warn
  }

  /// Why its thresholds cannot judge; nil when they can.
  package var flaw: String? {
    if ok.isEmpty { return "`ok` is missing: nothing could ever be OK" }
    let bounds = ok + bad
    if bounds.contains(where: { $0.numbers.contains { !$0.isFinite } }) { return "a threshold is not a finite number" }
    if let empty = bounds.first(where: \.span.isEmpty) { return "no number is \(empty.words)" }
    let good = ok.reduce(NumberSpan()) { $0.intersection($1.span) }
    if good.isEmpty { return "no number is OK: none is \(ok.map(\.words).joined(separator: " and "))" }
    if let both = bad.first(where: { !$0.span.intersection(good).isEmpty }) {
      return "OK is \(ok.map(\.words).joined(separator: " and ")), BAD is \(both.words): some numbers are both"
    }
    return nil
  }

  /// Which numbers have a level, in words; for WARN and UNKNOWN, which are OK and which BAD.
  package func boundary(of level: CheckLevel) -> String {
    let good = "OK is \(ok.map(\.words).joined(separator: " and "))"
    let wrong = bad.isEmpty ? "" : "BAD is \(bad.map(\.words).joined(separator: " or "))"
    return switch level {
    case .ok: good
    case .bad: wrong
    case .warn, .unknown: wrong.isEmpty ? good : "\(good), \(wrong)"
    }
  }
}

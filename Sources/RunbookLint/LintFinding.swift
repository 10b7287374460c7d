package import PrimitiveKit

/// Something that `opsh lint` found.
package struct LintFinding: Sendable, Equatable {
  package let rule: LintRule
  package let severity: LintRule.Severity
  package let place: SourcePlace
  package let message: String
  package let hint: String?

  package init(
    _ rule: LintRule,
    at place: SourcePlace,
    _ message: String,
    hint: String? = nil,
    severity: LintRule.Severity? = nil
  ) {
    self.rule = rule
    self.severity = severity ?? rule.severity
    self.place = place
    self.message = message
    self.hint = hint
  }

  /// `file:line:column: error: message (rule)`, with the hint on lines of its own.
  package var text: String {
    let line = "\(place):\(place.column): \(severity.rawValue): \(message) (\(rule.rawValue))"
    guard let hint else { return line }
    return hint.split(separator: "\n").reduce(line) { "\($0)\n    \($1)" }
  }

  /// The same as data.
  package var value: Value {
    var fields: [String: Value] = [
      "rule": .string(rule.rawValue), "severity": .string(severity.rawValue), "file": .string(place.file),
      "line": .int(place.line), "column": .int(place.column), "message": .string(message),
    ]
    if let hint { fields["hint"] = .string(hint) }
    return .table(fields)
  }
}

import PrimitiveKit

/// What monitoring systems read of findings: the lines of a monitoring plugin, and Prometheus text.
enum MonitoringText {
  /// The exit status of a monitoring plugin: 0 OK, 1 WARN, 2 BAD, 3 UNKNOWN (Monitoring Plugins Development Guidelines).
  static func status(_ level: CheckLevel) -> ExitCode {
    switch level {
    case .ok: .ok
    case .warn: .failuresWithinBudget
    case .bad: .budgetBreached
    case .unknown: .planInexact
    }
  }

  /// The first line sums up and carries the performance data; a line for each finding follows.
  static func plugin(_ findings: [Finding], _ checks: [JudgedCheck]) -> String {
    let data = findings.compactMap { finding -> String? in
      guard finding.level != .unknown, let value = finding.value,
        let declaration = checks.first(where: { $0.declaration.name == finding.check })?.declaration
      else { return nil }
      let label = finding.title.onOneLine
      // A label must hold no equals sign; its quotes are doubled.
      let quoted = "'\(label.replacing("'", with: "''").replacing("=", with: "-"))'"
      return "\(quoted)=\(value.brief);\(range(declaration.ok));\(range(outside: declaration.bad))"
    }
    // A bar begins the performance data, so the text must hold none.
    let first = "\(CheckLevel.worst(findings.map(\.level)).rawValue): \(findings.summary)".replacing("|", with: "/")
    let head = data.isEmpty ? first : "\(first) | \(data.joined(separator: " "))"
    return ([head] + findings.lines.map { $0.replacing("|", with: "/") }).joined(separator: "\n")
  }

  /// The range that raises no warning, in the form of the guidelines: `10:`, `~:50`, `3:9`.
  private static func range(_ bounds: [Threshold]) -> String {
    text(bounds.reduce(NumberSpan()) { $0.intersection($1.span) })
  }

  /// What one bound of BAD leaves over; empty where a range cannot say it.
  private static func range(outside bounds: [Threshold]) -> String {
    guard bounds.count == 1, let span = bounds.first?.span else { return "" }
    if span.low.isFinite, span.high.isFinite { return "@\(span.low.brief):\(span.high.brief)" }
    return text(span.low.isFinite ? NumberSpan(high: span.low) : NumberSpan(low: span.high))
  }

  private static func text(_ span: NumberSpan) -> String {
    let low = span.low.isFinite ? span.low.brief : "~"
    let high = span.high.isFinite ? span.high.brief : ""
    return low == "~" && high.isEmpty ? "" : "\(low):\(high)"
  }

  /// The text format of Prometheus (exposition formats, version 0.0.4); a value that is UNKNOWN is left out.
  ///
  /// `at` is when it was measured, in seconds since 1970: a file that nobody writes any more is seen by it.
  static func prometheus(_ findings: [Finding], at: Double) -> String {
    let known = findings.filter { $0.level != .unknown }
    var lines = metric("opsh_check_level", "Level of a finding: 0 OK, 1 WARN, 2 BAD, 3 UNKNOWN.")
    lines += findings.map { "opsh_check_level\(labels($0)) \(status($0.level).rawValue)" }
    lines += metric("opsh_check_value", "What a check measured, in the unit of its label.")
    lines += known.compactMap { finding in finding.value.map { "opsh_check_value\(labels(finding)) \($0.brief)" } }
    lines += metric("opsh_check_age_seconds", "How old the value is.")
    lines += known.compactMap { finding in finding.age.map { "opsh_check_age_seconds\(labels(finding)) \($0.brief)" } }
    lines += metric("opsh_check_last_run_timestamp_seconds", "When the checks were last measured.")
    lines.append("opsh_check_last_run_timestamp_seconds \(at.brief)")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func metric(_ name: String, _ help: String) -> [String] {
    ["# HELP \(name) \(help)", "# TYPE \(name) gauge"]
  }

  private static func labels(_ finding: Finding) -> String {
    let labels = [
      ("check", finding.check), ("system", finding.system), ("subject", finding.subject), ("unit", finding.unit),
    ]
    return "{" + labels.filter { !$0.1.isEmpty }.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}

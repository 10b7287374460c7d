import Foundations
import PrimitiveKit

extension Finding {
  /// The value with its unit; `nothing` for a missing one.
  var measured: String { value.map { $0.brief + (unit.isEmpty ? "" : unit == "%" ? " %" : " \(unit)") } ?? "nothing" }

  /// The check with its subject: `host.disk web003`.
  var title: String { subject.isEmpty ? check : "\(check) \(subject)" }

  /// One line for a person: `BAD host.disk web003: 97 %; BAD is more than 95`.
  var line: String { line(about: subject) }

  /// The same line about several subjects, with how long ago the value was true where that is a while.
  func line(about subjects: String) -> String {
    let name = subjects.isEmpty ? check : "\(check) \(subjects)"
    guard level != .unknown else { return "\(level.rawValue) \(name): \(note)".onOneLine }
    let judged = isOverridden ? "\(threshold), set by the site" : threshold
    let old = age.map { $0 >= 1 ? ", \(Duration.seconds($0).words) ago" : "" } ?? ""
    return "\(level.rawValue) \(name): \(measured)\(old); \(judged)".onOneLine
  }
}

extension Sequence<Finding> {
  /// A line for each; those that say the same about several subjects share one: `OK host.disk web[001-178] (178): …`.
  var lines: [String] {
    var order: [String] = []
    var groups: [String: [Finding]] = [:]
    for finding in self {
      let said = finding.line(about: "")
      if groups[said] == nil { order.append(said) }
      groups[said, default: []].append(finding)
    }
    return order.compactMap { groups[$0] }.map { group in
      guard group.count > 1 else { return group[0].line }
      return group[0].line(about: "\(NameSet(names: group.map(\.subject)).folded) (\(group.count))")
    }
  }

  /// Their number by level: `7 findings: 1 BAD, 6 OK`.
  var summary: String {
    let levels = map(\.level)
    let counts = CheckLevel.allCases.sorted { $0.rank > $1.rank }.compactMap { level in
      let count = levels.count { $0 == level }
      return count == 0 ? nil : "\(count) \(level.rawValue)"
    }
    return counts.isEmpty
      ? "nothing was checked"
      : "\(levels.count) finding\(levels.count == 1 ? "" : "s"): \(counts.joined(separator: ", "))"
  }
}

extension String {
  /// The text without line ends and other characters that could command a terminal or break a format of lines.
  var onOneLine: String {
    if utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: text += " "
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

import Foundations
import PrimitiveKit

/// What `check.watch` shows: one screen, the worst first, what changed since the last look marked.
struct WatchScreen: Sendable {
  /// How many of the last values a sparkline has.
  static let history = 10

  private struct Entry: Sendable {
    var finding: Finding
    /// The level at the look before; nil at the first.
    var before: CheckLevel?
    /// The last values, the newest last; nil where there was none.
    var values: [Double?]
  }

  private var entries: [String: Entry] = [:]
  private var looks = 0

  /// Takes the findings of a look; what was found before and is missing now becomes UNKNOWN.
  mutating func take(_ findings: [Finding]) {
    var missing = entries
    for finding in findings {
      let key = finding.title
      missing[key] = nil
      add(finding, key)
    }
    for (key, entry) in missing { add(entry.finding.missing, key) }
    looks += 1
  }

  private mutating func add(_ finding: Finding, _ key: String) {
    let known = entries[key]
    let value = finding.level == .unknown ? nil : finding.value
    let values = Array(((known?.values ?? []) + [value]).suffix(WatchScreen.history))
    entries[key] = Entry(finding: finding, before: known?.finding.level, values: values)
  }

  /// The findings, the worst first.
  var findings: [Finding] { entries.values.map(\.finding).sorted(by: Finding.isWorse) }

  /// The lines for a screen of that size; the first says when it was, the second what it comes to.
  ///
  /// What does not fit is counted by its level: nothing is left out in silence.
  func lines(at time: String, every: Duration, columns: Int, rows: Int) -> [String] {
    let sorted = findings
    var lines = ["check.watch \(time), every \(every.limit), Ctrl-C ends", sorted.summary]
    // One line stays free for the cursor, and one for what does not fit.
    let room = max(1, rows - lines.count - 2)
    let shown = sorted.count <= room + 1 ? sorted : Array(sorted.prefix(room))
    let names = shown.map { $0.title.onOneLine }
    let width = min(max(columns / 3, 12), names.map(\.count).max() ?? 0)
    lines += zip(shown, names).map { finding, name in line(finding, name, width: width, columns: columns) }
    let rest = sorted.dropFirst(shown.count)
    if !rest.isEmpty { lines.append("and \(rest.summary)") }
    return lines
  }

  private func line(_ finding: Finding, _ name: String, width: Int, columns: Int) -> String {
    let entry = entries[finding.title]
    let mark = looks > 1 ? WatchScreen.mark(from: entry?.before, to: finding.level) : " "
    let spark = WatchScreen.sparkline(entry?.values ?? []).filled(WatchScreen.history)
    let words =
      finding.level == .unknown ? finding.note : "\(finding.measured); \(finding.threshold)"
    let level = finding.level.rawValue.filled(7)
    return String("\(mark) \(level) \(name.cut(width).filled(width)) \(spark) \(words)".onOneLine.cut(columns - 1))
  }

  /// `!` for what is worse than before, `+` for what is better or new.
  static func mark(from before: CheckLevel?, to now: CheckLevel) -> String {
    guard let before else { return "+" }
    return now.rank == before.rank ? " " : now.rank > before.rank ? "!" : "+"
  }

  /// A block for each value, from the least to the greatest of them; a dot where there was none.
  static func sparkline(_ values: [Double?]) -> String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    let known = values.compactMap(\.self)
    guard let least = known.min(), let greatest = known.max() else {
      return String(repeating: "·", count: values.count)
    }
    return String(
      values.map { value in
        guard let value else { return "·" }
        guard greatest > least else { return blocks[3] }
        // Halves first: the difference of two large numbers may be infinite.
        let share = (value / 2 - least / 2) / (greatest / 2 - least / 2)
        return blocks[min(blocks.count - 1, Int(share * Double(blocks.count)))]
      }
    )
  }
}

extension Finding {
  /// The same subject when a later look has no finding for it.
  fileprivate var missing: Finding {
    Finding(
      check: check,
      system: system,
      subject: subject,
      level: .unknown,
      value: nil,
      unit: unit,
      threshold: threshold,
      isOverridden: isOverridden,
      age: nil,
      evidence: .null,
      note: "it was found before and is missing now",
      owner: owner,
      refs: refs
    )
  }
}

extension String {
  fileprivate func filled(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  fileprivate func cut(_ width: Int) -> String { count <= width ? self : String(prefix(max(0, width - 1))) + "…" }
}

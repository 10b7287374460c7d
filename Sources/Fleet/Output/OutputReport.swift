import PrimitiveKit

/// Renders grouped outputs as lines of text: a header a group, then its output.
package struct OutputReport: Sendable {
  /// Lines shown of each output; the rest is counted.
  package var lineLimit: Int
  /// Bytes shown of a line; the rest is counted.
  package var widthLimit: Int

  package init(lineLimit: Int = 100, widthLimit: Int = 1000) {
    self.lineLimit = lineLimit
    self.widthLimit = widthLimit
  }

  /// The whole report, ended by a line that sums the groups to the number of hosts.
  ///
  /// The sum always names every class when there are several hosts.
  package func lines(for outputs: [HostOutput]) -> [String] {
    let groups = OutputGroup.groups(of: outputs)
    var shown: [[String]: String] = [:]
    var all: [String] = []
    for group in groups {
      var lines = lines(for: group)
      // Two groups that look the same differ in what was cut from the display.
      let body = [OutputReport.text(of: group)] + lines.dropFirst()
      if let other = shown[body] {
        lines.append("  … differs from \(other) beyond what is shown")
      } else {
        shown[body] = group.hosts.folded
      }
      all += lines
    }
    return all + sum(of: groups)
  }

  /// Header and body of one group.
  package func lines(for group: OutputGroup) -> [String] {
    var lines = ["\(group.hosts.folded) (\(group.hosts.count)): \(OutputReport.text(of: group))"]
    lines += body(group.stdout, mark: "  ")
    lines += body(group.stderr, mark: "  ! ")
    if group.leftRunning { lines.append("  … \(HostOutput.leftRunningNote)") }
    if group.differsUnseen { lines.append("  … these answers differ only in trailing spaces or line ends") }
    if group.dropped > 0 { lines.append("  … \(OutputReport.count(group.dropped, "byte")) over the limit dropped") }
    return lines
  }

  private func body(_ bytes: [UInt8], mark: String) -> [String] {
    // Escape only what is shown: a flood of output is a megabyte a host.
    let all = SafeText.rawLines(bytes)
    var lines = all.prefix(lineLimit).map { line in
      guard line.count > widthLimit else { return mark + SafeText.line(line) }
      var end = line.startIndex + widthLimit
      // Do not cut a character: its later bytes begin with the bits 10.
      while end > line.startIndex, line[end] & 0xC0 == 0x80, line.startIndex + widthLimit - end < 3 { end -= 1 }
      return "\(mark)\(SafeText.line(line[..<end]))… (\(line.endIndex - end) more bytes)"
    }
    if all.count > lineLimit { lines.append("\(mark)… \(OutputReport.count(all.count - lineLimit, "more line"))") }
    return lines
  }

  private func sum(of groups: [OutputGroup]) -> [String] {
    let total = groups.reduce(0) { $0 + $1.hosts.count }
    guard total > 1 else { return total == 1 ? [] : ["no hosts"] }
    var sums: [Class: Int] = [:]
    for group in groups { sums[Class(group), default: 0] += group.hosts.count }
    let silent = groups.filter { $0.isSilent }.reduce(0) { $0 + $1.hosts.count }
    let parts = Class.allCases.map { kind in
      "\(sums[kind] ?? 0) \(kind.rawValue)" + (kind == .ok && silent > 0 ? " (\(silent) without output)" : "")
    }
    return ["\(total.counted("host")): \(parts.joined(separator: ", "))"]
  }

  /// The classes of the sum line; every group is in exactly one.
  private enum Class: String, CaseIterable {
    case ok
    case failed
    case timedOut = "timed out"
    case unknown
    case unreachable
    case notRun = "not run"

    init(_ group: OutputGroup) {
      self =
        switch group.state {
        case .finished(.exit(0)): .ok
        case .finished, .failed: .failed
        case .timedOut: .timedOut
        case .unknown: .unknown
        case .unreachable: .unreachable
        case .notRun: .notRun
        }
    }
  }

  private static func text(of group: OutputGroup) -> String {
    switch group.state {
    case .finished(.exit(let status)): "exit \(HostOutput.Ending.words(status))\(group.hasOutput ? "" : ", no output")"
    case .finished(.signal(let name)): "killed by \(safe(name))\(group.hasOutput ? "" : ", no output")"
    case .unreachable(let reason): "unreachable\(detail(reason))"
    case .failed(let reason): "failed\(detail(reason))"
    case .timedOut: "timed out"
    case .unknown(let reason): "unknown\(detail(reason))"
    case .notRun(let reason): "not run\(detail(reason))"
    }
  }

  private static func detail(_ reason: String) -> String { reason.isEmpty ? "" : ": \(safe(reason))" }

  private static func safe(_ text: String) -> String { SafeText.line(Array(text.utf8)[...]) }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

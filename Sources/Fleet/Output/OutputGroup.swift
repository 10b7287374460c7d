package import PrimitiveKit

/// Hosts with the same outcome and output that reads the same.
package struct OutputGroup: Sendable, Equatable {
  package let hosts: NameSet
  package let state: HostOutput.State
  package let stdout: [UInt8]
  package let stderr: [UInt8]
  package let dropped: Int
  /// Whether its hosts still run something that it started.
  package let leftRunning: Bool
  /// Whether what its hosts wrote differs in bytes that nobody sees: blanks and line ends at the end of lines.
  package var differsUnseen = false

  /// Whether it succeeded without a word.
  var isSilent: Bool { state == .finished(.exit(0)) && !hasOutput }

  package var hasOutput: Bool { !stdout.isEmpty || !stderr.isEmpty || dropped > 0 }

  /// Groups outcomes that read the same; every host is in exactly one group, so the groups sum to the hosts.
  ///
  /// Order: finished with output, finished without, timed out, unknown, unreachable, not run; within each the
  /// largest first, then by name. When a host is reported twice, the last report counts.
  package static func groups(of outputs: [HostOutput]) -> [OutputGroup] {
    var last: [String: HostOutput] = [:]
    for output in outputs { last[output.host] = output }
    var groups: [Key: [HostOutput]] = [:]
    for output in last.values { groups[Key(output), default: []].append(output) }
    return
      groups.values
      .map { members in
        // By name, so that the same answers always show the same bytes.
        let first = members.min { $0.host < $1.host } ?? members[0]
        return OutputGroup(
          hosts: NameSet(names: members.map(\.host)),
          state: first.state,
          stdout: first.stdout,
          stderr: first.stderr,
          dropped: first.dropped,
          leftRunning: first.leftRunning,
          differsUnseen: members.contains { $0.stdout != first.stdout || $0.stderr != first.stderr }
        )
      }
      .map { (group: $0, rank: $0.rank, count: $0.hosts.count, name: $0.hosts.folded) }
      .sorted { ($0.rank, -$0.count, $0.name) < ($1.rank, -$1.count, $1.name) }
      .map(\.group)
  }

  private struct Key: Hashable {
    let state: HostOutput.State
    let stdout: [UInt8]
    let stderr: [UInt8]
    let dropped: Int
    let leftRunning: Bool

    init(_ output: HostOutput) {
      state = output.state
      stdout = Key.seen(output.stdout)
      stderr = Key.seen(output.stderr)
      dropped = output.dropped
      leftRunning = output.leftRunning
    }

    /// The bytes without what nobody sees: blanks at the end of lines, and the last line end.
    private static func seen(_ bytes: [UInt8]) -> [UInt8] {
      var seen: [UInt8] = []
      seen.reserveCapacity(bytes.count)
      for line in SafeText.rawLines(bytes) {
        let end = line.lastIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        seen += line[..<(end.map { $0 + 1 } ?? line.startIndex)]
        seen.append(UInt8(ascii: "\n"))
      }
      return seen
    }
  }

  private var rank: Int {
    switch state {
    case .finished: hasOutput ? 0 : 1
    case .timedOut: 2
    case .unknown: 3
    case .unreachable: 4
    case .failed: 5
    case .notRun: 6
    }
  }
}

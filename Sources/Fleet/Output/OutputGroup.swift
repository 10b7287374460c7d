package import PrimitiveKit

/// Hosts with the same outcome and the same output.
package struct OutputGroup: Sendable, Equatable {
  package let hosts: NameSet
  package let state: HostOutput.State
  package let stdout: [UInt8]
  package let stderr: [UInt8]
  package let dropped: Int

  /// Whether it ended well without a word.
  var isSilent: Bool { state == .finished(.exit(0)) && !hasOutput }

  package var hasOutput: Bool { !stdout.isEmpty || !stderr.isEmpty || dropped > 0 }

  /// Groups identical outcomes; every host is in exactly one group, so the groups sum to the hosts.
  ///
  /// Order: finished with output, finished without, timed out, unknown, unreachable, not run; within each the
  /// largest first, then by name. When a host is reported twice, the last report counts.
  package static func groups(of outputs: [HostOutput]) -> [OutputGroup] {
    var last: [String: HostOutput] = [:]
    for output in outputs { last[output.host] = output }
    var hosts: [Key: [String]] = [:]
    for output in last.values { hosts[Key(output), default: []].append(output.host) }
    return
      hosts
      .map { key, names in
        OutputGroup(
          hosts: NameSet(names: names),
          state: key.state,
          stdout: key.stdout,
          stderr: key.stderr,
          dropped: key.dropped
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

    init(_ output: HostOutput) {
      state = output.state
      stdout = output.stdout
      stderr = output.stderr
      dropped = output.dropped
    }
  }

  private var rank: Int {
    switch state {
    case .finished: hasOutput ? 0 : 1
    case .timedOut: 2
    case .unknown: 3
    case .unreachable: 4
    case .notRun: 5
    }
  }
}

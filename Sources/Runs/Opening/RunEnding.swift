import Foundations
package import Journal
package import PrimitiveKit

/// What came of a run, as its last line says it and as `--json` reports it.
package struct RunEnding: Sendable {
  package let run: String
  package let state: RunState
  /// Why it is no plain success, in words; nil where the failure is shown beside it.
  package var reason: String?
  /// From its begin to its end, in milliseconds.
  package let milliseconds: Int64
  /// Operations that changed something.
  package let changes: Int
  package let failed: Int
  package let unknown: Int
  package let code: ExitCode
  /// What there is to do: a command, and what it does.
  package var ways: [(command: String, effect: String)] = []

  package init(
    run: String,
    state: RunState,
    reason: String? = nil,
    milliseconds: Int64,
    changes: Int,
    failed: Int = 0,
    unknown: Int = 0,
    code: ExitCode
  ) {
    self.run = run
    self.state = state
    self.reason = reason
    self.milliseconds = milliseconds
    self.changes = changes
    self.failed = failed
    self.unknown = unknown
    self.code = code
  }

  /// One line: `run 20261121-114502-6ca32b16: ok, 3 changes in 12 s, exit code 0`.
  package var line: String {
    var counts = [changes == 1 ? "1 change" : changes == 0 ? "no changes" : "\(changes) changes"]
    if failed > 0 { counts.append("\(failed) failed") }
    if unknown > 0 { counts.append("\(unknown) unknown") }
    let words = state.rawValue.replacing("_", with: " ")
    var line = "run \(run): \(words), \(counts.joined(separator: ", ")) in \(time), exit code \(code.rawValue)"
    if let reason { line += ": \(RunEnding.clipped(reason))" }
    let ways = ways.map { "`\($0.command)` \($0.effect)" }
    return ways.isEmpty ? line : "\(line); \(ways.joined(separator: ", "))"
  }

  /// The same for machines.
  package var event: SessionEvent {
    var fields: [String: Value] = [
      "run": .string(run), "state": .string(state.rawValue), "seconds": .number(Double(milliseconds) / 1000),
      "changes": .int(changes), "failed": .int(failed), "unknown": .int(unknown), "exit_code": .int(Int(code.rawValue)),
    ]
    if let reason { fields["reason"] = .string(reason) }
    if !ways.isEmpty { fields["commands"] = .array(ways.map { .string($0.command) }) }
    return SessionEvent("run.end", fields)
  }

  private var time: String { Duration.milliseconds(milliseconds).spent }

  /// The operations of a run without those that it tried again later: of those the last attempt counts.
  package static func last(_ rows: [OperationRow]) -> [OperationRow] {
    var last: [String: Int] = [:]
    func name(_ row: OperationRow) -> String {
      "\(row.step.replacing(/~[0-9]+/, with: "")) \(row.kind) \(row.target) \(row.summary)"
    }
    for (index, row) in rows.enumerated() where row.state != .notDone { last[name(row)] = index }
    return rows.enumerated().filter { last[name($0.element)] == $0.offset }.map(\.element)
  }

  private static func clipped(_ text: String) -> String {
    let line = text.split(separator: "\n").first.map(String.init) ?? ""
    return line.count > 160 ? line.prefix(159) + "…" : line
  }
}

extension RunRegistry {
  /// What came of a run that has just ended, from what the journal has of it.
  func ending(of id: String, _ state: RunState, _ code: ExitCode, reason: String?, offersWays: Bool) async -> RunEnding?
  {
    guard let header = try? await journal.run(id),
      let rows = try? await journal.operations(of: id, withTexts: true)
    else { return nil }
    let done = rows.filter { $0.state == .done }
    let short = done.filter { row in row.outcome.map { coding.fellShort(row.stored, outcome: $0) } ?? false }
    // One that fell short has changed something all the same.
    let changed = done.filter { row in
      !(row.outcome.map { coding.leftAsFound(row.stored, outcome: $0) } ?? false)
    }
    let bad = RunEnding.last(rows).filter { $0.state == .failed || short.contains($0) }
    var ending = RunEnding(
      run: id,
      state: state,
      reason: reason,
      milliseconds: max(0, (header.endedAt ?? header.updatedAt) - header.startedAt),
      changes: changed.count,
      failed: bad.count,
      unknown: rows.count { [.open, .unknown].contains($0.state) },
      code: code
    )
    if offersWays { ending.ways = await ways(from: header, state, rows, changed) }
    return ending
  }

  /// The commands that lead on from where a run stands.
  private func ways(
    from header: RunHeader,
    _ state: RunState,
    _ rows: [OperationRow],
    _ changed: [OperationRow]
  ) async -> [(command: String, effect: String)] {
    var ways: [(command: String, effect: String)] = []
    // A call that failed failed for good; one that was cut off has something left to do.
    let isOpen = header.kind != .call || [.interrupted, .detached, .unknown].contains(state)
    switch state {
    case .interrupted, .detached, .unknown, .halted, .failed, .rollbackFailed:
      if isOpen { ways.append(("opsh resume \(header.id)", "continues it")) }
    default: return []
    }
    guard header.kind != .rollback else { return ways }
    var isUndoable = changed.contains { $0.inverse != nil }
    // A function of the runbook may undo what has no inverse.
    if !isUndoable, !changed.isEmpty, let runbook = header.runbook {
      isUndoable = (try? await journal.text(runbook.sha256))?.contains("undo") == true
    }
    if isUndoable { ways.append(("opsh rollback \(header.id)", "undoes it")) }
    return ways
  }
}

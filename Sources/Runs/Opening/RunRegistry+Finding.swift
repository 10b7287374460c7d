package import Journal
package import PrimitiveKit

extension RunRegistry {
  /// Looks up the outcome of changes in doubt that a resumed run does not ask for again, and records what is found.
  ///
  /// That are those of steps that succeeded although one of their changes did not: a runbook may continue all the same.
  /// Once the run has come to its end (`isOver`) nothing asks for any. Only what no host can tell stays for a person.
  /// Throws `journal.*`.
  package func findLost(in run: Run, isOver: Bool) async throws(CallFailure) {
    guard await run.isContinued else { return }
    let rows = try await journal.operations(of: run.id, withTexts: true).filter {
      [.open, .unknown].contains($0.state)
    }
    if rows.isEmpty { return }
    let steps = try await journal.steps(of: run.id)
    let closed = Set(steps.filter { [.ok, .skipped].contains($0.state) }.map(\.path))
    let asked = isOver ? rows : rows.filter { $0.isIn(closed) }
    let found = await find(asked, in: run)
    // A run that must be resumed once more may try other steps again, and then they look for themselves.
    let isFinal = isOver && found.allSatisfy { $0.end != nil }
    for (row, end) in found {
      guard let end, isFinal || row.isIn(closed) else { continue }
      try await settle(row, end, in: run)
    }
  }

  /// Looks up the outcome of changes in doubt of a run that another one undoes, and records what is found.
  ///
  /// As a resume does, it waits for what is still at work. One that an operator called done, without saying with what
  /// outcome, is looked up as well: only its host can say what undoes it. What no host can tell stays as it is. The lock is
  /// that of whoever asks. Throws `journal.*`.
  package func findLost(of header: RunHeader, by lock: RunHold, world: World) async throws(CallFailure) {
    let rows = try await journal.operations(of: header.id, withTexts: true).filter { row in
      [.open, .unknown].contains(row.state) || (row.state == .done && row.outcome == nil)
    }
    if rows.isEmpty { return }
    let words = rows.count == 1 ? "1 change" : "\(rows.count) changes"
    dialogue.progress(
      ProgressStatus(line: "looking up the outcome of \(words)…", plain: "looking up the outcome of \(words)")
    )
    // Nobody works on that run, so what is found is recorded in the name of whoever did last.
    let run = Run(
      id: header.id,
      world: world,
      journal: journal.id,
      holding: lock,
      record: journal.record(of: header.id, claim: header.claim),
      replay: try await journal.replay(of: header.id),
      coding: coding
    )
    let found = await find(rows, in: run)
    dialogue.progress(nil)
    if Task.isCancelled { throw .cancelled }
    for (row, end) in found {
      guard let end else { continue }
      // The host no longer knows of it, and a person does.
      if row.state == .done, !end.isDone { continue }
      try await settle(row, end, in: run)
    }
  }

  private func find(_ rows: [OperationRow], in run: Run) async -> [(row: OperationRow, end: OperationEnd?)] {
    let coding = coding
    return await rows.concurrentMap(limit: 16) { row in
      guard let operation = try? coding.operation(row.stored) else { return (row, nil) }
      return (row, (try? await run.find(operation, key: row.key)) ?? nil)
    }
  }

  private func settle(_ row: OperationRow, _ end: OperationEnd, in run: Run) async throws(CallFailure) {
    try await run.settle(row.key, end)
    dialogue.say("  \(row.summary): \(end.words)")
  }
}

extension OperationRow {
  /// Whether it belongs to an outermost step that is among these; its own name may hold the number of an attempt.
  fileprivate func isIn(_ steps: Set<String>) -> Bool {
    let outer = String(step.prefix { $0 != "/" })
    return steps.contains(outer) || steps.contains(outer.replacing(#/~[0-9]+$/#, with: ""))
  }
}

extension OperationEnd {
  fileprivate var isDone: Bool { if case .done = self { true } else { false } }

  fileprivate var words: String {
    switch self {
    case .done: "it happened"
    case .failed(let failure): "it failed: \(failure.message)"
    case .notDone: "it did not happen"
    case .unknown(let failure): failure.message
    }
  }
}

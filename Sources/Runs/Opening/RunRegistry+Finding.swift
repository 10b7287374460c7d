import Journal
package import PrimitiveKit

extension RunRegistry {
  /// Looks what became of changes in doubt that a resumed run does not ask for again, and writes down what is found.
  ///
  /// That are those of steps that ended well although one of their changes did not: a runbook may continue all the same.
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
    let coding = coding
    let asked = isOver ? rows : rows.filter { $0.isIn(closed) }
    let found = await asked.concurrentMap(limit: 16) { row -> (row: OperationRow, end: OperationEnd?) in
      guard let operation = try? coding.operation(row.stored) else { return (row, nil) }
      return (row, (try? await run.find(operation, key: row.key)) ?? nil)
    }
    // A run that must be resumed once more may try other steps again, and then they look for themselves.
    let isFinal = isOver && found.allSatisfy { $0.end != nil }
    for (row, end) in found {
      guard let end, isFinal || row.isIn(closed) else { continue }
      try await run.settle(row.key, end)
      dialogue.say("  \(row.summary): \(end.words)")
    }
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
  fileprivate var words: String {
    switch self {
    case .done: "it did happen"
    case .failed(let failure): "it had failed: \(failure.message)"
    case .notDone: "it did not happen"
    case .unknown(let failure): failure.message
    }
  }
}

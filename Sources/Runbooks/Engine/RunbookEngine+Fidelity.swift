import Journal
import PrimitiveKit

extension RunbookEngine {
  /// Writes down how well a plan foretold what its run did, by kind of operation.
  ///
  /// Everything that the run did counts, whatever process did it. What a run that is not whole has not done yet does not.
  func compare(_ plan: Plan, with run: String, isWhole: Bool, _ registry: RunRegistry) async {
    guard let rows = try? await registry.journal.operations(of: run) else { return }
    // Of several attempts the last counts.
    let done = Dictionary(
      rows.filter { $0.state == .done }.map { (OperationRecord.plannedKey(of: $0.key), $0) },
      uniquingKeysWith: { $1 }
    )
    let planned = Dictionary(plan.operations.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var counts: [String: (predicted: Int, matched: Int)] = [:]
    for (key, operation) in planned where isWhole || done[key] != nil {
      counts[operation.kind, default: (0, 0)].predicted += 1
    }
    for (key, row) in done {
      guard let before = planned[key] else {
        counts[row.kind, default: (0, 0)].predicted += 1
        continue
      }
      if let predicted = before.outcome, let actual = row.outcome,
        registry.coding.agrees(row.stored, predicted: predicted, actual: actual)
      {
        counts[row.kind, default: (0, 0)].matched += 1
      }
    }
    for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
      let (predicted, matched) = count
      try? await registry.journal.addFidelity(run: run, kind: kind, predicted: predicted, matched: matched)
    }
  }
}

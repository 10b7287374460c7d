import Journal
import PrimitiveKit
import Runs

/// How well a plan foretold what its run did.
struct FidelityCount: Sendable {
  private let registry: RunRegistry

  init(_ registry: RunRegistry) { self.registry = registry }

  /// Records how well a plan foretold what its run did, by kind of operation.
  ///
  /// Every outcome counts that the plan predicted or should have, whatever process brought it about. What cannot be
  /// predicted does not count, and neither does what a run that is not whole has not done yet.
  func count(_ plan: Plan, _ run: String, isWhole: Bool) async {
    guard let rows = try? await registry.journal.operations(of: run, withTexts: true) else { return }
    // Of several attempts the last counts.
    let done = Dictionary(
      rows.filter { $0.state == .done }.map { (OperationRecord.plannedKey(of: $0.key), $0) },
      uniquingKeysWith: { $1 }
    )
    let planned = Dictionary(plan.operations.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var counts: [String: (predicted: Int, matched: Int)] = [:]
    for (key, operation) in planned where isWhole || done[key] != nil {
      counts[operation.kind, default: (0, 0)].predicted += operation.isExact ? 1 : 0
    }
    for (key, row) in done {
      guard let before = planned[key] else {
        counts[row.kind, default: (0, 0)].predicted += isPredictable(row) ? 1 : 0
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

  /// Whether a plan that had foreseen an operation could have said what comes of it.
  private func isPredictable(_ row: OperationRow) -> Bool {
    guard let operation = try? registry.coding.operation(row.stored) else { return true }
    return type(of: operation).isPredictable
  }
}

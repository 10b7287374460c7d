import PrimitiveKit
import Rollout

/// Carries rollouts out one item after the other, and stops when more failed than may.
struct PretendRollouts: RolloutRunner {
  func roll(
    _ request: RolloutRequest,
    perform: @escaping @Sendable (String) async -> ItemOutcome,
    gate: (@Sendable ([String]) async -> GateVerdict)?
  ) async throws(CallFailure) -> RolloutReport {
    var results: [ItemResult] = []
    var halt: HaltReason?
    for name in request.items {
      guard halt == nil else {
        results.append(ItemResult(item: name, outcomeClass: .skipped, detail: "not started"))
        continue
      }
      results.append(ItemResult(item: name, outcome: await perform(name), late: false))
      let bad = results.count { $0.outcomeClass != .ok }
      if bad > request.budget {
        halt = .budget(.errors, spent: bad, allowed: request.budget, full: request.budget)
      }
    }
    return RolloutReport(policy: request.policy(hasGate: false), seed: request.seed, results: results, halt: halt)
  }
}

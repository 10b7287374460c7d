import PrimitiveKit
import Rollout

/// Carries rollouts out one item after the other, and stops when more failed than may.
struct PretendRollouts: RolloutRunner {
  func roll(
    _ request: RolloutRequest,
    perform: @escaping @Sendable (String) async throws(NotBegun) -> ItemOutcome,
    gate: (@Sendable ([String]) async -> GateVerdict)?
  ) async throws(CallFailure) -> RolloutReport {
    var results: [ItemResult] = []
    var halt: HaltReason?
    for name in request.items {
      guard halt == nil else {
        results.append(ItemResult(item: name, outcomeClass: .skipped, detail: "not started"))
        continue
      }
      do throws(NotBegun) {
        results.append(ItemResult(item: name, outcome: try await perform(name), late: false))
      } catch {
        results.append(ItemResult(item: name, outcomeClass: .skipped, detail: "not started"))
        halt = .stopped(error.reason)
        continue
      }
      let bad = results.count { $0.outcomeClass != .ok }
      if bad > request.budget {
        halt = .budget(.errors, spent: bad, allowed: request.budget, full: request.budget)
      }
    }
    return RolloutReport(policy: request.policy(hasGate: false), seed: request.seed, results: results, halt: halt)
  }
}

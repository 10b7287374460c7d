import PrimitiveKit
import Runbooks

/// Carries rollouts out one item after the other, and stops when more failed than may.
struct PretendRollouts: RolloutRunner {
  func roll(
    _ request: RolloutRequest,
    perform: @escaping @Sendable (String) async -> ItemEnd,
    gate: (@Sendable ([String]) async -> GateEnd)?
  ) async -> RolloutEnd {
    var items: [RolloutEnd.Item] = []
    var bad = 0
    var halt: CallFailure?
    for name in request.items {
      guard halt == nil else {
        items.append(RolloutEnd.Item(name: name, outcome: "skipped", detail: "not started"))
        continue
      }
      let (outcome, detail) = words(await perform(name))
      items.append(RolloutEnd.Item(name: name, outcome: outcome, detail: detail))
      if outcome != "ok" { bad += 1 }
      if bad > request.budget {
        halt = CallFailure(
          .failed,
          .halted,
          code: "rollout.halted",
          message: "\(bad) failed and the budget is \(request.budget)",
          ending: .budgetBreached
        )
      }
    }
    return RolloutEnd(items: items, halt: halt)
  }

  func words(_ request: RolloutRequest) -> String { "\(request.items.count) items" }

  private func words(_ end: ItemEnd) -> (String, String) {
    switch end {
    case .ok: ("ok", "")
    case .failed(let why): ("failed", why)
    case .unreachable(let why): ("unreachable", why)
    case .unknown(let why): ("unknown", why)
    }
  }
}

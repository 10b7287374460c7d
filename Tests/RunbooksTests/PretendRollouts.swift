import PrimitiveKit
import Rollout
import Synchronization

/// Rolls out in the order of the items, a window at a time; stops when more failed than the budget allows.
final class PretendRollouts: RolloutRunner {
  private let seen = Mutex<[RolloutRequest]>([])

  /// What was asked for, in order.
  var requests: [RolloutRequest] { seen.withLock { $0 } }

  func roll(
    _ request: RolloutRequest,
    perform: @escaping @Sendable (String) async -> ItemOutcome,
    gate: (@Sendable ([String]) async -> GateVerdict)?
  ) async throws(CallFailure) -> RolloutReport {
    seen.withLock { $0.append(request) }
    var ends: [ItemResult] = []
    var halt: HaltReason?
    var left = request.items[...]
    while !left.isEmpty, halt == nil {
      let wave = Array(left.prefix(request.window ?? left.count))
      left = left.dropFirst(wave.count)
      ends += await together(wave, perform)
      let silent = request.unreachable == nil ? 0 : ends.count { $0.outcomeClass == .unreachable }
      let bad = ends.count { $0.outcomeClass != .ok && $0.outcomeClass != .excluded } - silent
      if bad > request.budget {
        halt = .budget(.errors, spent: bad, allowed: request.budget, full: request.budget)
      } else if let allowed = request.unreachable, silent > allowed {
        halt = .budget(.unreachable, spent: silent, allowed: allowed, full: allowed)
      }
      guard halt == nil, let gate else { continue }
      switch await gate(ends.filter { $0.outcomeClass == .ok }.map(\.item)) {
      case .pass: break
      case .fail(let why): halt = .gate(why)
      case .inconclusive(let why): halt = .inconclusive(why)
      }
    }
    return RolloutReport(
      policy: request.policy(hasGate: gate != nil),
      seed: request.seed,
      results: ends + left.map { ItemResult(item: $0, outcomeClass: .skipped, detail: "") },
      halt: halt
    )
  }

  private func together(_ wave: [String], _ perform: @escaping @Sendable (String) async -> ItemOutcome) async
    -> [ItemResult]
  {
    let ends = await withTaskGroup(of: (String, ItemOutcome).self) { group in
      for item in wave { group.addTask { (item, await perform(item)) } }
      return await group.reduce(into: [String: ItemOutcome]()) { $0[$1.0] = $1.1 }
    }
    return wave.map { ItemResult(item: $0, outcome: ends[$0] ?? .ok, late: false) }
  }
}

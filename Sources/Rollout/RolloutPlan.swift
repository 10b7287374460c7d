import PrimitiveKit

/// The frozen decision of a rollout: which items, in which order, after which delays, at which speed.
///
/// Everything random happens here, from one seed that is kept, so the decider needs no randomness and a run can be
/// repeated exactly.
package struct RolloutPlan: Codable, Equatable, Sendable {
  /// How fast, and when to stop.
  package let policy: RolloutPolicy
  /// The items to change; a *position* in this list names a item to the decider.
  package let order: [String]
  /// Milliseconds each item waits before it starts, by position; all 0 without jitter.
  package let delays: [Int]
  /// The item that goes first by an operator's choice; nil leaves it to the seed.
  package let canary: String?
  /// Items an operator left out, with the reason; they stay in the denominator.
  package let excluded: [String: String]
  /// What the order and the delays were drawn from.
  package let seed: UInt64

  /// Freezes a item set: the canary first, the others in a seeded order.
  ///
  /// Throws `rollout.no_hosts`, `rollout.repeated_host` or `rollout.unknown_canary`. The delays lie in
  /// 0 … `jitterSeconds`, both included (R1-15), to the millisecond.
  package init(
    policy: RolloutPolicy,
    items: [String],
    excluded: [String: String] = [:],
    canary: String? = nil,
    seed: UInt64
  ) throws(RolloutError) {
    var seen: Set<String> = []
    for item in items where !seen.insert(item).inserted { throw .repeatedItem(item) }
    var remaining = items.filter { excluded[$0] == nil }
    guard !remaining.isEmpty else { throw .noItems }
    if let canary {
      guard let position = remaining.firstIndex(of: canary) else { throw .unknownCanary(canary) }
      remaining.remove(at: position)
    }
    var random = SplitMix64(seed: seed)
    // The order must depend on the set and the seed, not on how the set was written.
    order = (canary.map { [$0] } ?? []) + random.shuffled(remaining.sorted())
    delays = order.map { _ in random.next(through: policy.jitterSeconds * 1000) }
    self.policy = policy
    self.canary = canary
    self.excluded = excluded
    self.seed = seed
  }

  /// The size of the frozen set, excluded items included: the N of every budget.
  package var total: Int { order.count + excluded.count }
}

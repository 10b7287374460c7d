import PrimitiveKit

/// The frozen decision of a rollout: which hosts, in which order, after which delays, at which speed.
///
/// Everything random happens here, from one seed that is kept, so the decider needs no randomness and a run can be
/// repeated exactly.
package struct RolloutPlan: Codable, Equatable, Sendable {
  /// How fast, and when to stop.
  package let policy: RolloutPolicy
  /// The hosts to change; a *position* in this list names a host to the decider.
  package let order: [String]
  /// Milliseconds each host waits before it starts, by position; all 0 without jitter.
  package let delays: [Int]
  /// The host that goes first by an operator's choice; nil leaves it to the seed.
  package let canary: String?
  /// Hosts an operator left out, with the reason; they stay in the denominator.
  package let excluded: [String: String]
  /// What the order and the delays were drawn from.
  package let seed: UInt64

  /// Freezes a host set: the canary first, the others in a seeded order.
  ///
  /// Throws `rollout.no_hosts`, `rollout.repeated_host` or `rollout.unknown_canary`. The delays lie in
  /// 0 … `jitterSeconds`, both included (R1-15), to the millisecond.
  package init(
    policy: RolloutPolicy,
    hosts: [String],
    excluded: [String: String] = [:],
    canary: String? = nil,
    seed: UInt64
  ) throws(RolloutError) {
    var seen: Set<String> = []
    for host in hosts where !seen.insert(host).inserted { throw .repeatedHost(host) }
    var remaining = hosts.filter { excluded[$0] == nil }
    guard !remaining.isEmpty else { throw .noHosts }
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

  /// The size of the frozen set, excluded hosts included: the N of every budget.
  package var total: Int { order.count + excluded.count }
}

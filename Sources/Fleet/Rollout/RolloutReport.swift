/// How a rollout ended: every host in exactly one class, and why it stopped if it did.
package struct RolloutReport: Codable, Equatable, Sendable {
  /// The speed it ran at.
  package let policy: RolloutPolicy
  /// The seed of order and delays.
  package let seed: UInt64
  /// One result per host of the frozen set.
  package private(set) var results: [HostResult]
  /// Why nothing more was started; nil when every host had its turn.
  package let halt: HaltReason?

  init(policy: RolloutPolicy, seed: UInt64, results: [HostResult], halt: HaltReason?) {
    self.policy = policy
    self.seed = seed
    self.results = results
    self.halt = halt
  }

  /// The hosts of one class, in plan order.
  package func hosts(_ outcomeClass: OutcomeClass) -> [String] {
    results.filter { $0.outcomeClass == outcomeClass }.map(\.host)
  }

  /// How many hosts each class holds; sums to N.
  package var tally: RolloutTally {
    var tally = RolloutTally()
    for result in results { tally[result.outcomeClass] += 1 }
    return tally
  }

  /// What the rollout could have hurt at most.
  package func worstCase(botsPerHost: Int) -> WorstCase {
    policy.worstCase(hosts: results.count, botsPerHost: botsPerHost)
  }

  /// The report after a host that was unknown is proven to have ended in another class; other hosts stay as they are.
  package func proving(_ host: String, _ outcome: HostOutcome) -> RolloutReport {
    var report = self
    if outcome.outcomeClass != .unknown,
      let position = results.firstIndex(where: { $0.host == host && $0.outcomeClass == .unknown })
    {
      report.results[position] = HostResult(host: host, outcome: outcome, late: true)
    }
    return report
  }
}

/// How one host ended.
package struct HostResult: Codable, Equatable, Sendable {
  package let host: String
  package let outcomeClass: OutcomeClass
  /// What was said about it; the reason for an excluded host.
  package let detail: String
  /// Whether the host already was at the target.
  package let unchanged: Bool
  /// Whether it was first reported unknown and proven later.
  package let late: Bool

  init(host: String, outcome: HostOutcome, late: Bool) {
    self.host = host
    outcomeClass = outcome.outcomeClass
    detail = outcome.detail
    unchanged = outcome == .unchanged
    self.late = late
  }

  init(host: String, outcomeClass: OutcomeClass, detail: String) {
    self.host = host
    self.outcomeClass = outcomeClass
    self.detail = detail
    unchanged = false
    late = false
  }
}

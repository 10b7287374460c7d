/// How a rollout ended: every item in exactly one class, and why it stopped if it did.
package struct RolloutReport: Codable, Equatable, Sendable {
  /// The speed it ran at.
  package let policy: RolloutPolicy
  /// The seed of order and delays.
  package let seed: UInt64
  /// One result per item of the frozen set.
  package private(set) var results: [ItemResult]
  /// Why nothing more was started; nil when every item had its turn.
  package let halt: HaltReason?

  package init(policy: RolloutPolicy, seed: UInt64, results: [ItemResult], halt: HaltReason?) {
    self.policy = policy
    self.seed = seed
    self.results = results
    self.halt = halt
  }

  /// The items of one class, in plan order.
  package func items(_ outcomeClass: OutcomeClass) -> [String] {
    results.filter { $0.outcomeClass == outcomeClass }.map(\.item)
  }

  /// How many items each class holds; sums to N.
  package var tally: RolloutTally {
    var tally = RolloutTally()
    for result in results { tally[result.outcomeClass] += 1 }
    return tally
  }

  /// What the rollout could have hurt at most.
  package func worstCase(botsPerHost: Int) -> WorstCase {
    policy.worstCase(items: results.count, botsPerHost: botsPerHost)
  }

  /// The report after a item that was unknown is proven to have ended in another class; other items stay as they are.
  package func proving(_ item: String, _ outcome: ItemOutcome) -> RolloutReport {
    var report = self
    if outcome.outcomeClass != .unknown,
      let position = results.firstIndex(where: { $0.item == item && $0.outcomeClass == .unknown })
    {
      report.results[position] = ItemResult(item: item, outcome: outcome, late: true)
    }
    return report
  }
}

/// How one item ended.
package struct ItemResult: Codable, Equatable, Sendable {
  package let item: String
  package let outcomeClass: OutcomeClass
  /// What was said about it; the reason for an excluded item.
  package let detail: String
  /// Whether the item already was at the target.
  package let unchanged: Bool
  /// Whether it was first reported unknown and proven later.
  package let late: Bool

  package init(item: String, outcome: ItemOutcome, late: Bool) {
    self.item = item
    outcomeClass = outcome.outcomeClass
    detail = outcome.detail
    unchanged = outcome == .unchanged
    self.late = late
  }

  package init(item: String, outcomeClass: OutcomeClass, detail: String) {
    self.item = item
    self.outcomeClass = outcomeClass
    self.detail = detail
    unchanged = false
    late = false
  }
}

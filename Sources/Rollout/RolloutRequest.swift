/// A rollout of anybody's own work over named items: what is rolled out, and how carefully.
package struct RolloutRequest: Sendable, Equatable, Codable {
  /// Names the rollout to operators.
  package var name: String
  /// Hosts, bots or anything else, by name, without duplicates.
  package var items: [String]
  /// Items in flight at once; nil is all.
  package var window: Int?
  /// Items that may fail: an absolute number.
  package var budget: Int
  /// Whether window and budget grow with successes.
  package var ramp: Bool
  /// Items between gates; nil is every tenth of them.
  package var gateEvery: Int?
  /// The longest random wait before an item, in seconds.
  package var jitter: Int
  /// Decides the order.
  package var seed: UInt64
  /// Items that may be unreachable: an absolute number; nil is as at the speeds, and none where none may fail.
  package var unreachable: Int?
  /// What the items are called, in the plural.
  package var noun = "items"
  /// Measured seconds of such items, which the time left starts from.
  package var itemSeconds: [Double] = []

  package init(
    name: String,
    items: [String],
    window: Int?,
    budget: Int,
    ramp: Bool = true,
    gateEvery: Int? = nil,
    jitter: Int = 0,
    seed: UInt64 = 0
  ) {
    self.name = name
    self.items = items
    self.window = window
    self.budget = budget
    self.ramp = ramp
    self.gateEvery = gateEvery
    self.jitter = jitter
    self.seed = seed
  }

  /// The rules that the decider works by.
  ///
  /// `budget` items may fail, none may stay unknown, and max(2, 1 %) may be unreachable, as at the speeds, but none where
  /// none may fail. Without a gate there is nothing to hold for.
  package func policy(hasGate: Bool) -> RolloutPolicy {
    let count = max(1, items.count)
    let every = hasGate ? gateEvery ?? max(1, items.count / 10) : nil
    return RolloutPolicy(
      name: name,
      summary: "",
      itemsAtOnce: window,
      stopGraceSeconds: 0,
      // The share whose floor is the budget.
      haltRatio: Ratio(Double((min(budget, count) * 10_000 + count - 1) / count) / 10_000),
      unknownBudget: 0,
      unreachableLeast: unreachable ?? (budget == 0 ? 0 : 2),
      unreachableRatio: Ratio(unreachable != nil || budget == 0 ? 0 : 0.01),
      ramp: ramp,
      gateEvery: every.flatMap { Ratio(min(1, Double($0) / Double(count))) },
      inconclusiveGate: .fail,
      jitterSeconds: jitter,
      settleSeconds: 0,
      loginWaitSeconds: 0,
      stragglerWaitSeconds: 0,
      itemSeconds: 30,
      estimate: RolloutPolicy.Estimate(lowSeconds: 30, highSeconds: 60, hosts: 1),
      wholeFleetOnly: false
    )
  }
}

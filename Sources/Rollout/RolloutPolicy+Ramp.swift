extension RolloutPolicy {
  /// Items that may be in flight after `successes`, out of a frozen set of `items`.
  ///
  /// Without a ramp: the whole window. With a ramp: `window(s) = min(C, N, 2^floor(log2(s + 1)))`, that is 1, 2, 4, 8, …
  /// at s = 0, 1, 3, 7, …, where C is the speed's window, N the frozen set and s counts items *proven good*. It advances
  /// on successes and not on completions: a failing release must not open its own window (reference fleet 4.1, simulated).
  package func window(successes: Int, items: Int) -> Int {
    let full = min(itemsAtOnce ?? items, items)
    guard ramp else { return full }
    let exponent = Int.bitWidth - 1 - (max(0, successes) + 1).leadingZeroBitCount
    return min(full, 1 << exponent)
  }

  /// Errors (failed and unhealthy items) tolerated after `successes`, out of a frozen set of `items`; nil never halts.
  ///
  /// The full budget is `B = floor(p * N)` of the frozen set (R1-36): 17 of 178, 0 of 3. While the window still ramps,
  /// `budget(s) = min(B, floor(s / 3))`, which gives 0, 0, 1, 2, 5 at s = 0, 1, 3, 7, 15, the ramp that lost the fewest
  /// items in reference fleet 4.2. Once the window is full the budget is B. One error more than the budget stops starts,
  /// so a release that is wholly bad touches one item.
  package func errorBudget(successes: Int, items: Int) -> Int? {
    guard let full = haltRatio?.floor(of: items) else { return nil }
    guard ramp, window(successes: successes, items: items) < min(itemsAtOnce ?? items, items) else { return full }
    return min(full, max(0, successes) / 3)
  }

  /// Unreachable items tolerated: max(least, floor(ratio * items)); nil never halts.
  package func unreachableBudget(items: Int) -> Int? {
    guard unreachableLeast != nil || unreachableRatio != nil else { return nil }
    return max(unreachableLeast ?? 0, unreachableRatio?.floor(of: items) ?? 0)
  }

  /// The number of touched items after which the next gate is due, given how many a gate has already seen; nil for none.
  ///
  /// The first gate is due after one item (G-06), the others after every `gateEvery` of the frozen set: 1, 18, 36, 54, …
  /// of 178. Items that are in flight when a gate falls due finish first, so a gate may see a few more than its mark; a
  /// mark that was passed that way is not asked again.
  package func nextGate(after seen: Int, items: Int) -> Int? {
    guard let gateEvery, gateEvery.basisPoints > 0 else { return nil }
    if seen < 1 || items < 1 { return 1 }
    var share = 1
    while true {
      let mark = (share * gateEvery.basisPoints * items + 9_999) / 10_000
      if mark > seen { return mark }
      share += 1
    }
  }

  /// What a release can hurt at most; the "halt rule in numbers" of the plan.
  ///
  /// Soft budget: the tolerated errors plus everything that was in flight when the budget broke, over every stage of the
  /// ramp, never more than the fleet: 178 hosts with 3 bots each give 22 hosts and 66 bots on routine, 27 and 81 on fast.
  package func worstCase(items: Int, botsPerHost: Int) -> WorstCase {
    let window = window(successes: items, items: items)
    guard let tolerated = haltRatio?.floor(of: items) else {
      return WorstCase(tolerated: nil, window: window, hosts: items, botsPerHost: botsPerHost, badReleaseHosts: items)
    }
    var worst = 0
    for successes in 0..<max(1, items) {
      let budget = errorBudget(successes: successes, items: items) ?? 0
      let inFlight = self.window(successes: successes, items: items)
      worst = max(worst, min(items - successes, budget + (unknownBudget ?? 0) + inFlight))
    }
    let badRelease = min(
      items,
      (errorBudget(successes: 0, items: items) ?? 0) + self.window(successes: 0, items: items)
    )
    return WorstCase(
      tolerated: tolerated,
      window: window,
      hosts: worst,
      botsPerHost: botsPerHost,
      badReleaseHosts: badRelease
    )
  }

  /// Throws `speed.needs_whole_fleet` when this speed may not be used for a part of the fleet.
  package func check(wholeFleet: Bool) throws(RolloutError) {
    if wholeFleetOnly, !wholeFleet { throw .needsWholeFleet(speed: name) }
  }
}

extension RolloutSimulator {
  /// Plays many seeds, `first` and those after it, each with its own order of hosts, and sums them up.
  ///
  /// The hosts, the exclusions, the canary and the speed are those of the plan. Throws what planning throws.
  package func summarize(seeds: Int, from first: UInt64 = 1) throws(RolloutError) -> SimulationSummary {
    var summary = SimulationSummary()
    for offset in 0..<UInt64(max(0, seeds)) {
      summary.add(try seeded(first &+ offset).run(seed: first &+ offset))
    }
    return summary
  }

  /// The same rollout with the host order and the delays of another seed.
  package func seeded(_ seed: UInt64) throws(RolloutError) -> RolloutSimulator {
    var copy = self
    copy.plan = try RolloutPlan(
      policy: plan.policy,
      items: plan.order + plan.excluded.keys.sorted(),
      excluded: plan.excluded,
      canary: plan.canary,
      seed: seed
    )
    return copy
  }
}

/// Many simulated rollouts in numbers.
package struct SimulationSummary: Equatable, Sendable {
  /// How many were played.
  package private(set) var rollouts = 0
  /// How many gave every host its turn.
  package private(set) var completed = 0
  /// Most bots that logged in at once in any of them.
  package private(set) var peakLogins = 0
  /// Most hosts hurt in any of them.
  package private(set) var mostHostsHurt = 0
  /// Most bots hurt in any of them.
  package private(set) var mostBotsHurt = 0
  /// The seed that hurt the most hosts, the slowest of them when several did; nil when none was played.
  package private(set) var worstSeed: UInt64?
  /// The first seeds with a broken promise; always empty unless opsh has a defect.
  package private(set) var brokenSeeds: [UInt64] = []
  private var milliseconds: [Int] = []
  private var hurt: [Int] = []
  private var worstMilliseconds = 0

  package init() {}

  /// Counts one more rollout.
  package mutating func add(_ rollout: SimulatedRollout) {
    rollouts += 1
    if rollout.report.halt == nil { completed += 1 }
    peakLogins = max(peakLogins, rollout.peakLogins)
    milliseconds.append(rollout.milliseconds)
    hurt.append(rollout.hostsHurt)
    if !rollout.violations.isEmpty, brokenSeeds.count < 10 { brokenSeeds.append(rollout.seed) }
    if worstSeed == nil || (rollout.hostsHurt, rollout.milliseconds) > (mostHostsHurt, worstMilliseconds) {
      worstSeed = rollout.seed
      worstMilliseconds = rollout.milliseconds
    }
    mostHostsHurt = max(mostHostsHurt, rollout.hostsHurt)
    mostBotsHurt = max(mostBotsHurt, rollout.botsHurt)
  }

  /// Half of the rollouts took at most this many seconds.
  package var medianSeconds: Int { Self.percentile(50, of: milliseconds) / 1000 }
  /// Nineteen of twenty rollouts took at most this many seconds.
  package var p95Seconds: Int { Self.percentile(95, of: milliseconds) / 1000 }
  /// Half of the rollouts hurt at most this many hosts.
  package var medianHostsHurt: Int { Self.percentile(50, of: hurt) }
  /// Nineteen of twenty rollouts hurt at most this many hosts.
  package var p95HostsHurt: Int { Self.percentile(95, of: hurt) }

  /// The nearest-rank percentile; 0 of nothing.
  static func percentile(_ percent: Int, of numbers: [Int]) -> Int {
    guard !numbers.isEmpty else { return 0 }
    let rank = (percent * numbers.count + 99) / 100
    return numbers.sorted()[max(0, min(numbers.count, rank) - 1)]
  }
}

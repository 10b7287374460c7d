import PrimitiveKit

/// Plays rollouts in virtual time: the real decider, simulated hosts, no waiting.
package struct RolloutSimulator: Sendable {
  /// The plan that is played.
  package var plan: RolloutPlan
  /// Bots on every host.
  package var botsPerHost: Int
  /// What goes wrong.
  package var faults: SimulatedFaults
  /// Measured milliseconds of earlier hosts, drawn from at random; empty: the speed's usual host time.
  package var hostMilliseconds: [Int]
  /// Milliseconds after which the operator cancels; nil for never.
  package var cancelAt: Int?

  package init(
    plan: RolloutPlan,
    botsPerHost: Int = 3,
    faults: SimulatedFaults = SimulatedFaults(),
    hostMilliseconds: [Int] = [],
    cancelAt: Int? = nil
  ) {
    self.plan = plan
    self.botsPerHost = botsPerHost
    self.faults = faults
    self.hostMilliseconds = hostMilliseconds
    self.cancelAt = cancelAt
  }

  /// Plays the rollout that belongs to a seed; the same seed gives the same rollout.
  package func run(seed: UInt64) -> SimulatedRollout { play(seed: seed, isTraced: false) }

  /// Plays the rollout of a seed again and keeps its trace, one line per event.
  package func replay(seed: UInt64) -> SimulatedRollout { play(seed: seed, isTraced: true) }

  private func play(seed: UInt64, isTraced: Bool) -> SimulatedRollout {
    var stage = SimulationStage(simulator: self, random: SplitMix64(seed: seed), isTraced: isTraced)
    return stage.play(seed: seed)
  }
}

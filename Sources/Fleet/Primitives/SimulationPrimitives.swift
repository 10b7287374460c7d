import PrimitiveKit
import Rollout

extension Fleet {
  /// The rollout decider on the site's own inventory, in virtual time (DESIGN section 7).
  var simulationPrimitives: [Primitive] {
    [
      Primitive(
        "fleet.simulate",
        "Simulates rollouts in virtual time with the real logic: duration, logins, hosts hurt by a bad release.",
        effect: .reads,
        Parameter<String>("target", default: "all", "staging, bot, all, or any selector"),
        Parameter<String>("speed", default: "routine", "routine, fast, or immediate (all only)"),
        Parameter<Chance>(
          "failure",
          default: Chance(0),
          "The share of hosts that fail, 0 to 1; 1 is a wholly bad release"
        ),
        Parameter<Int>("seeds", default: 1000, "How many rollouts to simulate, at most 100000"),
        Parameter<Int?>("replay", default: nil, "Run only this seed and show its trace"),
        returns: "Seconds, logins and hosts hurt over all seeds, and the seed of the worst case",
        examples: [
          Example(#"fleet.simulate{ target = "all", speed = "fast", failure = 0.03, seeds = 200 }"#, "a bad day, fast"),
          Example(#"fleet.simulate{ failure = 1, seeds = 50 }"#, "a wholly bad release"),
        ],
        topics: ["rollout", "what if", "worst case", "duration"]
      ) { target, speed, failure, seeds, replay async throws(CallFailure) in
        try self.simulate(target, speed: speed, failure: failure, seeds: seeds, replay: replay)
      }
    ]
  }

  private func simulate(
    _ target: String,
    speed: String,
    failure: Chance,
    seeds: Int,
    replay: Int?
  ) throws(CallFailure) -> SimulationRecord {
    guard (1...100_000).contains(seeds) else {
      throw CallFailure(
        .invalid,
        code: "call.argument",
        message: "fleet.simulate: 'seeds' should be 1 to 100000, got \(seeds)"
      )
    }
    let site = try requireSite(for: "fleet.simulate")
    let request = try resolve(DeployArguments(target: target, speed: target == "all" ? speed : nil), in: site)
    var policy = request.policy
    policy.inconclusiveGate = .fail
    var faults = SimulatedFaults()
    faults.fail = failure.perMille
    faults.badRelease = failure.perMille == 1000
    let measured = hostTimes.seconds(of: request.hostNames)
    let times = measured.isEmpty ? [policy.itemSeconds * 1000] : measured.map { Int($0 * 1000) }
    do {
      var simulator = RolloutSimulator(
        plan: try RolloutPlan(policy: policy, items: request.hostNames, seed: UInt64(replay ?? 1)),
        botsPerHost: request.botsPerHost
      )
      simulator.faults = faults
      simulator.hostMilliseconds = times
      if let replay {
        let seed = UInt64(max(0, replay))
        dialogue.say(try simulator.seeded(seed).replay(seed: seed).trace.joined(separator: "\n"))
      }
      let first = UInt64(max(1, replay ?? 1))
      let summary = try simulator.summarize(seeds: replay == nil ? seeds : 1, from: first)
      return SimulationRecord(summary: summary, hosts: request.shares.count, isMeasured: !measured.isEmpty)
    } catch {
      throw CallFailure(anyError: error)
    }
  }
}

/// A share from 0 to 1, kept in thousandths.
struct Chance: ValueConvertible, Sendable, Equatable {
  let perMille: Int

  init(_ share: Double) { perMille = Int((share * 1000).rounded()) }

  static var luaType: String { "number" }

  init(_ value: Value) throws(ConversionError) {
    guard let share = try? Double(value), (0...1).contains(share) else {
      throw ConversionError(expected: "a share from 0 to 1", found: value, hint: "three percent is 0.03")
    }
    self.init(share)
  }

  var value: Value { .number(Double(perMille) / 1000) }
}

/// What many simulated rollouts came to.
struct SimulationRecord: Record, Sendable {
  let summary: SimulationSummary
  let hosts: Int
  let isMeasured: Bool

  static var luaType: String { "fleet.Simulation" }
  static let columns: [Column<Self>] = [
    Column(\.summary.rollouts, "rollouts", "How many were simulated"),
    Column(\.summary.completed, "completed", "How many reached every host"),
    Column(\.hosts, "hosts", "Hosts of the target"),
    Column(\.summary.medianSeconds, "median_seconds", "Median duration"),
    Column(\.summary.p95Seconds, "p95_seconds", "95th percentile of the duration"),
    Column(\.summary.peakLogins, "peak_logins", "Most bots logging in at once"),
    Column(\.summary.medianHostsHurt, "median_hosts_hurt", "Median of hosts hurt"),
    Column(\.summary.mostHostsHurt, "most_hosts_hurt", "Hosts hurt in the worst case"),
    Column(\.summary.mostBotsHurt, "most_bots_hurt", "Bots hurt in the worst case"),
    Column("worst_seed", "Seed of the worst case, for replay=") { $0.summary.worstSeed.map { Int(clamping: $0) } },
    Column("host_times", "measured or assumed") { $0.isMeasured ? "measured" : "assumed" },
  ]

}

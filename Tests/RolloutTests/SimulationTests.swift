import Foundation
import PrimitiveKit
import Testing

@testable import Rollout

/// Seeds of the big run; 20,000 rollouts are the least that the suite promises.
private let seeds = 20_000

/// The seed that a failing run asked to see again.
private let replayed = ProcessInfo.processInfo.environment["OPSH_SIM_SEED"].flatMap(UInt64.init)

/// The rollout that belongs to a seed: any fleet of 1 to 200 hosts, any speed, any mixture of faults.
private func scenario(_ seed: UInt64, _ speeds: [RolloutPolicy]) throws -> RolloutSimulator {
  var random = SplitMix64(seed: seed ^ 0x5EED)
  var policy = speeds[random.next(through: speeds.count - 1)]
  // Small fleets are the common ones: the logarithm of the size is spread evenly.
  let size = 1 + random.next(through: [3, 8, 20, 60, 199][random.next(through: 4)])
  var faults = SimulatedFaults()
  let severity = [0, 10, 50, 150, 400][random.next(through: 4)]
  faults.fail = random.next(through: severity)
  faults.flap = random.next(through: severity / 2)
  faults.unreachable = random.next(through: severity / 4)
  faults.unknown = random.next(through: severity / 8)
  faults.lateSuccess = 500
  faults.slow = random.next(through: 100)
  faults.unchanged = random.next(through: 50)
  faults.gateFail = random.next(through: severity / 8)
  faults.gateInconclusive = random.next(through: severity / 2)
  faults.badRelease = random.chance(perMille: 100)
  if random.chance(perMille: 200) {
    policy.unknownBudget = 3
    policy.inconclusiveGate = .fail
  }
  let hosts = Array(allNames.prefix(size))
  let excluded = random.chance(perMille: 100) && size > 1 ? [hosts[0]: "being repaired"] : [:]
  return RolloutSimulator(
    plan: try RolloutPlan(policy: policy, items: hosts, excluded: excluded, seed: seed),
    faults: faults,
    cancelAt: random.chance(perMille: 100) ? random.next(through: 600_000) : nil
  )
}

private let allNames = names(200)

/// What is wrong with a rollout, and how to see it again; nil when nothing is.
private func complaint(_ simulator: RolloutSimulator, _ rollout: SimulatedRollout) -> String? {
  var wrong = rollout.violations
  let ramps = simulator.plan.policy.ramp
  if ramps, simulator.faults.badRelease, rollout.hostsTouched > 1 {
    wrong.append("a bad release touched \(rollout.hostsTouched)")
  }
  let worst = rollout.report.worstCase(botsPerHost: 3)
  if rollout.hostsHurt > worst.hosts { wrong.append("\(rollout.hostsHurt) hurt, the plan said \(worst.hosts) at most") }
  guard !wrong.isEmpty else { return nil }
  return "seed \(rollout.seed): \(wrong.joined(separator: "; ")); replay with "
    + "OPSH_SIM_SEED=\(rollout.seed) swift test --filter 'twenty thousand rollouts'"
}

struct SimulationTests {
  @Test func `twenty thousand rollouts keep every promise`() async throws {
    let speeds = try SpeedTable.builtIn().speeds
    let range = replayed.map { $0...$0 } ?? 1...UInt64(seeds)
    let clock = ContinuousClock()
    let start = clock.now
    let complaints = try await withThrowingTaskGroup(of: [String].self) { group in
      for lane in 0..<2 as Range<UInt64> {
        group.addTask {
          var found: [String] = []
          for seed in range where seed % 2 == lane {
            let simulator = try scenario(seed, speeds)
            if let complaint = complaint(simulator, simulator.run(seed: seed)) { found.append(complaint) }
          }
          return found
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let elapsed = start.duration(to: clock.now)
    if let replayed {
      let rollout = try scenario(replayed, speeds).replay(seed: replayed)
      print(rollout.trace.joined(separator: "\n"))
    } else {
      print("\(range.count) simulated rollouts in \(elapsed)")
    }
    #expect(complaints.isEmpty, "\(complaints.prefix(5).joined(separator: "\n"))")
  }

  @Test func `the simulated rollouts end in every way there is`() throws {
    let speeds = try SpeedTable.builtIn().speeds
    var ends: [String: Int] = [:]
    var classes: Set<OutcomeClass> = []
    var late = 0
    for seed in 1...2000 as ClosedRange<UInt64> {
      let report = try scenario(seed, speeds).run(seed: seed).report
      let end =
        switch report.halt {
        case nil: "complete"
        case .budget(let budget, _, _, _): budget.rawValue
        case .gate, .inconclusive: "gate"
        case .aborted: "aborted"
        case .stopped: "stopped"
        case .cancelled: "cancelled"
        case .detached: "detached"
        }
      ends[end, default: 0] += 1
      for result in report.results {
        classes.insert(result.outcomeClass)
        if result.late { late += 1 }
      }
    }
    for end in ["complete", "error", "unknown outcome", "unreachable host", "gate", "aborted", "cancelled"] {
      #expect(ends[end, default: 0] >= 10, "\(end): \(ends)")
    }
    #expect(classes.count == OutcomeClass.allCases.count)
    #expect(late >= 50)
  }

  @Test func `the same seed gives the same trace`() throws {
    let speeds = try SpeedTable.builtIn().speeds
    var different: Set<UInt64> = []
    for seed in 1...300 as ClosedRange<UInt64> {
      let first = try scenario(seed, speeds).replay(seed: seed)
      let second = try scenario(seed, speeds).replay(seed: seed)
      #expect(first == second)
      #expect(try scenario(seed, speeds).run(seed: seed).fingerprint == first.fingerprint)
      different.insert(first.fingerprint)
    }
    #expect(different.count > 250)
  }

  @Test(arguments: ["routine", "fast"])
  func `a release that is bad everywhere touches exactly one host`(name: String) throws {
    var faults = SimulatedFaults()
    faults.badRelease = true
    for size in 1...200 {
      let rollout = RolloutSimulator(plan: try plan(size, name), faults: faults).run(seed: UInt64(size))
      #expect(rollout.hostsTouched == 1)
      #expect(rollout.report.tally.skipped == size - 1)
      #expect(rollout.violations.isEmpty)
    }
  }

  @Test(arguments: ["routine", "fast"])
  func `failures that come after the ramp halt where the floor of the budget says`(name: String) throws {
    for size in [30, 57, 100, 178, 200] {
      let budget = size / 10
      for failures in [budget - 1, budget, budget + 1, budget + 4] {
        var faults = SimulatedFaults()
        // The ramp needs 15 successes at most; the failures are spread over what follows, every second host.
        for number in 0..<failures where 20 + number * 2 < size { faults.forced[20 + number * 2] = .fail }
        let forced = faults.forced.count
        let rollout = RolloutSimulator(plan: try plan(size, name), faults: faults).run(seed: UInt64(failures + size))
        if forced > budget {
          let reason = HaltReason.budget(.errors, spent: budget + 1, allowed: budget, full: budget)
          #expect(rollout.report.halt == reason, "\(size) hosts, \(failures) failures")
        } else {
          #expect(rollout.report.halt == nil, "\(size) hosts, \(failures) failures")
          #expect(rollout.report.tally.failed == forced)
        }
        #expect(rollout.violations.isEmpty)
      }
    }
  }

  @Test func `of 178 hosts seventeen failures are tolerated and the eighteenth stops`() throws {
    var faults = SimulatedFaults()
    for number in 0..<22 { faults.forced[30 + number * 5] = .fail }
    let rollout = RolloutSimulator(plan: try plan(178), faults: faults).run(seed: 5)
    #expect(rollout.report.halt == .budget(.errors, spent: 18, allowed: 17, full: 17))
    #expect(rollout.hostsHurt == 18)
    #expect(rollout.botsHurt == 54)
  }

  @Test func `immediate logs in less than the whole fleet at once, thanks to the jitter`() throws {
    let calm = RolloutSimulator(plan: try plan(178, "immediate")).run(seed: 2)
    var policy = try speed("immediate")
    policy.jitterSeconds = 0
    let storm = RolloutSimulator(plan: try RolloutPlan(policy: policy, items: names(178), seed: 2)).run(seed: 2)
    #expect(storm.peakLogins == 534)
    #expect(calm.peakLogins < 300)
    #expect(calm.report.tally.ok == 178)
  }

  @Test func `routine logs in fifteen bots at once and fast thirty`() throws {
    #expect(RolloutSimulator(plan: try plan(178)).run(seed: 2).peakLogins == 15)
    #expect(RolloutSimulator(plan: try plan(178, "fast")).run(seed: 2).peakLogins == 30)
  }

  @Test func `a summary names the worst seed and that seed plays again`() throws {
    var faults = SimulatedFaults()
    faults.fail = 60
    let simulator = RolloutSimulator(plan: try plan(60, "fast"), faults: faults)
    let summary = try simulator.summarize(seeds: 200)
    #expect(summary.rollouts == 200)
    #expect(summary.brokenSeeds.isEmpty)
    #expect(summary.medianSeconds <= summary.p95Seconds)
    #expect(summary.completed < 200)
    let worst = try #require(summary.worstSeed)
    let again = try simulator.seeded(worst).replay(seed: worst)
    #expect(again.hostsHurt == summary.mostHostsHurt)
    #expect(!again.trace.isEmpty)
  }

  @Test func `measured host times set the pace`() throws {
    let simulator = RolloutSimulator(plan: try plan(178), hostMilliseconds: [1000])
    let seconds = try simulator.summarize(seeds: 5).medianSeconds
    // 38 waves, ten gates of half a second and the hosts that wait for them.
    #expect((38...60).contains(seconds))
  }
}

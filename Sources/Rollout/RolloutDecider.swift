/// Decides a rollout: every event in, the commands it leads to out.
///
/// A pure value: no I/O, no clock, no randomness. The live driver and the simulator run this same type. It keeps
/// counters and one word per item, so its state can be stored and continued elsewhere.
///
/// Rules, each tested by name:
/// - never more in flight than `RolloutPolicy.window(successes:items:)`;
/// - a budget that is exceeded, a failed gate, an abort or a cancel stops starts for good; items in flight finish;
/// - no start while a gate is due: items in flight finish first, then the gate is asked;
/// - every item ends in exactly one class, and the classes sum to N.
package struct RolloutDecider: Codable, Equatable, Sendable {
  private enum Phase: Codable, Equatable {
    case idle
    case rolling
    case gating
    case paused
    case stopping
    case finished
  }

  private enum Item: Codable, Equatable {
    case waiting
    case inFlight
    case skipped
    case ended(ItemOutcome, late: Bool)
  }

  /// The plan being performed.
  package let plan: RolloutPlan
  /// Items per class so far.
  package private(set) var tally = RolloutTally()
  /// Items started and not yet ended, those still in their delay included.
  package private(set) var inFlight = 0
  /// Items that were changed and proven good: what the ramp advances on.
  package private(set) var successes = 0
  /// Why nothing more starts; nil while the rollout runs.
  package private(set) var halt: HaltReason?
  private var phase = Phase.idle
  private var items: [Item]
  private var next = 0
  /// Items whose state may have changed: what gates are about.
  private var touched: [Int] = []
  private var gateMark: Int?

  /// A rollout that has not begun.
  package init(plan: RolloutPlan) {
    self.plan = plan
    items = Array(repeating: .waiting, count: plan.order.count)
    tally.excluded = plan.excluded.count
    gateMark = plan.policy.nextGate(after: 0, items: plan.total)
  }

  /// Whether the report is complete; only `proved` still changes it.
  package var isFinished: Bool { phase == .finished }

  /// Whether an operator has to resume or abort.
  package var isPaused: Bool { phase == .paused }

  /// Items that may be in flight now.
  package var window: Int { plan.policy.window(successes: successes, items: plan.total) }

  /// Takes one event and says what to do; an event that fits no state (a repeated outcome, say) changes nothing.
  package mutating func step(_ event: RolloutEvent) -> [RolloutCommand] {
    var commands: [RolloutCommand] = []
    switch event {
    case .begin:
      guard phase == .idle else { return [] }
      phase = .rolling
    case .finished(let item, let outcome):
      guard isInFlight(item) else { return [] }
      inFlight -= 1
      end(item, outcome)
    case .proved(let item, let outcome):
      guard reclassify(item, outcome) else { return [] }
    case .withdrawn(let item):
      guard isInFlight(item) else { return [] }
      inFlight -= 1
      items[item] = .skipped
      tally.skipped += 1
    case .gate(let verdict):
      guard phase == .gating else { return [] }
      judge(verdict, &commands)
    case .resume:
      guard phase == .paused else { return [] }
      phase = .rolling
    case .abort(let reason):
      stop(.aborted(reason), &commands)
    case .stop(let reason):
      stop(.stopped(reason), &commands)
    case .cancel:
      stop(.cancelled, &commands)
    case .detach:
      detach(&commands)
    }
    checkBudgets(&commands)
    advance(&commands)
    return commands
  }

  /// Every item with its class, in plan order, then the excluded ones by name.
  package var report: RolloutReport {
    var results: [ItemResult] = []
    results.reserveCapacity(plan.total)
    for (position, item) in plan.order.enumerated() {
      switch items[position] {
      case .ended(let outcome, let late): results.append(ItemResult(item: item, outcome: outcome, late: late))
      case .waiting, .skipped: results.append(ItemResult(item: item, outcomeClass: .skipped, detail: "not started"))
      case .inFlight: results.append(ItemResult(item: item, outcome: .unknown("still in progress"), late: false))
      }
    }
    for (item, reason) in plan.excluded.sorted(by: { $0.key < $1.key }) {
      results.append(ItemResult(item: item, outcomeClass: .excluded, detail: reason))
    }
    return RolloutReport(policy: plan.policy, seed: plan.seed, results: results, halt: halt)
  }

  private func isInFlight(_ item: Int) -> Bool {
    guard items.indices.contains(item), case .inFlight = items[item] else { return false }
    return true
  }

  private mutating func end(_ item: Int, _ outcome: ItemOutcome) {
    items[item] = .ended(outcome, late: false)
    count(outcome, by: 1)
    switch outcome {
    case .ok, .failed, .unhealthy, .unknown: touched.append(item)
    // Nothing was changed there, or it was stopped on purpose, so there is nothing for a gate to look at.
    case .unchanged, .unreachable, .excluded: break
    }
  }

  private mutating func count(_ outcome: ItemOutcome, by change: Int) {
    tally[outcome.outcomeClass] += change
    // A item that already was at the target proves nothing about the change, so it does not open the window.
    if case .ok = outcome { successes += change }
  }

  private mutating func reclassify(_ item: Int, _ outcome: ItemOutcome) -> Bool {
    guard items.indices.contains(item), case .ended(.unknown(let before), _) = items[item] else { return false }
    if case .unknown = outcome { return false }
    count(.unknown(before), by: -1)
    count(outcome, by: 1)
    items[item] = .ended(outcome, late: true)
    return true
  }

  private mutating func judge(_ verdict: GateVerdict, _ commands: inout [RolloutCommand]) {
    switch verdict {
    case .pass:
      phase = .rolling
    case .fail(let reason):
      stop(.gate(reason), &commands)
    case .inconclusive(let reason):
      guard plan.policy.inconclusiveGate == .pause else {
        return stop(.inconclusive(reason), &commands)
      }
      phase = .paused
      commands.append(.paused(reason))
    }
  }

  private mutating func detach(_ commands: inout [RolloutCommand]) {
    guard phase != .finished else { return }
    for item in items.indices where inFlight > 0 {
      guard isInFlight(item) else { continue }
      inFlight -= 1
      end(item, .unknown("still in progress"))
    }
    // A breach or a cancel that came first stays the reason.
    if halt == nil || halt == .cancelled {
      halt = .detached
      commands.append(.halted(.detached))
    }
    phase = .stopping
  }

  private mutating func stop(_ reason: HaltReason, _ commands: inout [RolloutCommand]) {
    guard phase != .stopping, phase != .finished else { return }
    halt = reason
    phase = .stopping
    commands.append(.halted(reason))
  }

  private mutating func checkBudgets(_ commands: inout [RolloutCommand]) {
    guard phase != .stopping, phase != .finished else { return }
    let policy = plan.policy
    let total = plan.total
    if let allowed = policy.errorBudget(successes: successes, items: total), tally.errors > allowed {
      let full = policy.haltRatio?.floor(of: total) ?? allowed
      stop(.budget(.errors, spent: tally.errors, allowed: allowed, full: full), &commands)
    } else if let allowed = policy.unknownBudget, tally.unknown > allowed {
      stop(.budget(.unknown, spent: tally.unknown, allowed: allowed, full: allowed), &commands)
    } else if let allowed = policy.unreachableBudget(items: total), tally.unreachable > allowed {
      stop(.budget(.unreachable, spent: tally.unreachable, allowed: allowed, full: allowed), &commands)
    }
  }

  private mutating func advance(_ commands: inout [RolloutCommand]) {
    switch phase {
    case .idle, .gating, .paused, .finished:
      return
    case .stopping:
      if inFlight == 0 { finish(&commands) }
    case .rolling:
      if next == items.count {
        // No gate after the last item: it could stop nothing, and the verification follows.
        if inFlight == 0 { finish(&commands) }
      } else if let mark = gateMark, touched.count >= mark {
        guard inFlight == 0 else { return }
        gateMark = plan.policy.nextGate(after: touched.count, items: plan.total)
        phase = .gating
        commands.append(.runGate(touched))
      } else {
        let window = window
        while next < items.count, inFlight < window {
          items[next] = .inFlight
          commands.append(.start(next, delay: plan.delays[next]))
          inFlight += 1
          next += 1
        }
      }
    }
  }

  private mutating func finish(_ commands: inout [RolloutCommand]) {
    tally.skipped += items.count - next
    while next < items.count {
      items[next] = .skipped
      next += 1
    }
    phase = .finished
    commands.append(.finish)
  }
}

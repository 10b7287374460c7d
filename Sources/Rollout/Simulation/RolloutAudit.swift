/// Watches a rollout from outside and notes every broken promise; shares no arithmetic with the decider.
package struct RolloutAudit: Sendable {
  /// The promises that were broken, in order; empty for a sound rollout.
  package private(set) var violations: [String] = []
  /// Most hosts in flight at once.
  package private(set) var peakInFlight = 0

  private let window: Int
  private let ramps: Bool
  private let total: Int
  private let fullBudget: Int?
  private let unknownBudget: Int?
  private let unreachableBudget: Int?
  private let gateShare: Int
  private var state: [OutcomeClass?]
  private var started: [Bool]
  private var inFlight = 0
  private var successes = 0
  private var errors = 0
  private var unknown = 0
  private var unreachable = 0
  private var touched = 0
  private var gatedAt = 0
  private var isHalted = false
  private var isGating = false

  /// Watches a rollout of this plan from its beginning.
  package init(plan: RolloutPlan) {
    let policy = plan.policy
    let hosts = plan.order.count + plan.excluded.count
    total = hosts
    window = min(policy.itemsAtOnce ?? hosts, hosts)
    ramps = policy.ramp
    fullBudget = policy.haltRatio.map { hosts * $0.basisPoints / 10_000 }
    unknownBudget = policy.unknownBudget
    unreachableBudget = policy.unreachableLeast.map { least in
      max(least, hosts * (policy.unreachableRatio?.basisPoints ?? 0) / 10_000)
    }
    gateShare = policy.gateEvery?.basisPoints ?? 0
    state = Array(repeating: nil, count: plan.order.count)
    started = Array(repeating: false, count: plan.order.count)
  }

  /// A host was told to start.
  package mutating func start(_ host: Int) {
    if isHalted { violations.append("host \(host) starts after the halt") }
    if isGating { violations.append("host \(host) starts while a gate is asked") }
    if started[host] { violations.append("host \(host) starts twice") }
    if let allowed = allowedErrors, errors > allowed { violations.append("host \(host) starts with \(errors) errors") }
    if let unknownBudget, unknown > unknownBudget { violations.append("host \(host) starts with \(unknown) unknown") }
    if let unreachableBudget, unreachable > unreachableBudget {
      violations.append("host \(host) starts with \(unreachable) unreachable")
    }
    if gateShare > 0, isGateDue { violations.append("host \(host) starts past a gate") }
    started[host] = true
    inFlight += 1
    peakInFlight = max(peakInFlight, inFlight)
    if inFlight > allowedInFlight { violations.append("\(inFlight) hosts in flight, \(allowedInFlight) allowed") }
  }

  /// The work on a host ended.
  package mutating func end(_ host: Int, _ outcome: ItemOutcome) {
    guard started[host], state[host] == nil else { return violations.append("host \(host) ends without a start") }
    inFlight -= 1
    state[host] = outcome.outcomeClass
    count(outcome, 1)
    switch outcome {
    case .unchanged, .unreachable: break
    default: touched += 1
    }
  }

  /// A start was taken back before anything was sent.
  package mutating func withdraw(_ host: Int) {
    inFlight -= 1
    state[host] = .skipped
  }

  /// An unknown host was proven.
  package mutating func prove(_ host: Int, _ outcome: ItemOutcome) {
    guard state[host] == .unknown else { return }
    unknown -= 1
    state[host] = outcome.outcomeClass
    count(outcome, 1)
  }

  /// The rollout said that nothing more starts.
  package mutating func halt(_ reason: HaltReason) {
    isHalted = true
    switch reason {
    case .budget(.errors, let spent, let allowed, _):
      if spent != errors || allowed != allowedErrors || spent != allowed + 1 {
        violations.append("halts at \(spent) of \(allowed), counted \(errors) of \(allowedErrors ?? -1)")
      }
    case .budget(.unknown, let spent, let allowed, _):
      if spent != unknown || spent != allowed + 1 { violations.append("halts at \(spent) unknown of \(allowed)") }
    case .budget(.unreachable, let spent, let allowed, _):
      if spent != unreachable || spent != allowed + 1 {
        violations.append("halts at \(spent) unreachable of \(allowed)")
      }
    case .gate, .inconclusive, .aborted, .stopped, .cancelled, .detached: break
    }
  }

  /// A gate was asked about some hosts, or has answered.
  package mutating func gate(asked count: Int?) {
    if let count {
      if inFlight > 0 { violations.append("a gate is asked with \(inFlight) in flight") }
      if count != touched { violations.append("a gate sees \(count) of \(touched) hosts") }
      gatedAt = touched
    }
    isGating = count != nil
  }

  /// The rollout is over with this report.
  package mutating func finish(_ report: RolloutReport) {
    if inFlight != 0 { violations.append("ends with \(inFlight) in flight") }
    let tally = report.tally
    if report.results.count != total || tally.total != total {
      violations.append("classes sum to \(tally.total), hosts are \(total)")
    }
    for (position, outcomeClass) in state.enumerated()
    where report.results[position].outcomeClass != outcomeClass ?? .skipped {
      violations.append("host \(position) is reported \(report.results[position].outcomeClass.rawValue)")
    }
    if report.halt == nil, tally.skipped > 0 { violations.append("skips \(tally.skipped) hosts without a reason") }
  }

  /// A promise that only the simulation can see was broken.
  package mutating func note(_ violation: String) { violations.append(violation) }

  private mutating func count(_ outcome: ItemOutcome, _ change: Int) {
    switch outcome {
    case .ok: successes += change
    case .unchanged: break
    case .failed, .unhealthy: errors += change
    case .unknown: unknown += change
    case .excluded: break
    case .unreachable: unreachable += change
    }
  }

  // Written as the table of the reference, not as the decider's formula.
  private var rampedWindow: Int {
    switch successes {
    case 0: 1
    case 1...2: 2
    case 3...6: 4
    case 7...14: 8
    case 15...30: 16
    case 31...62: 32
    case 63...126: 64
    case 127...254: 128
    default: Int.max
    }
  }

  private var allowedInFlight: Int { ramps ? min(rampedWindow, window) : window }

  private var allowedErrors: Int? {
    guard let fullBudget else { return nil }
    return ramps && rampedWindow < window ? min(fullBudget, successes / 3) : fullBudget
  }

  private var isGateDue: Bool {
    if gatedAt == 0 { return touched >= 1 }
    // The share of the fleet that was complete at the last gate, against the share that is complete now.
    let unit = gateShare * total
    return touched * 10_000 / unit > gatedAt * 10_000 / unit
  }
}

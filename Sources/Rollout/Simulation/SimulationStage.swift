import PrimitiveKit

/// One simulated rollout while it is being played.
struct SimulationStage {
  private let simulator: RolloutSimulator
  private let isTraced: Bool
  private var random: SplitMix64
  private var decider: RolloutDecider
  private var audit: RolloutAudit
  private var timeline = VirtualTimeline()
  private var now = 0
  private var endedAt = 0
  private var outcomes: [ItemOutcome?]
  private var waiting: Set<Int> = []
  private var working = 0
  private var peakWorking = 0
  private var trace: [String] = []
  // FNV-1a over every event, so that two plays can be compared without keeping their traces.
  private var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325

  init(simulator: RolloutSimulator, random: SplitMix64, isTraced: Bool) {
    self.simulator = simulator
    self.random = random
    self.isTraced = isTraced
    decider = RolloutDecider(plan: simulator.plan)
    audit = RolloutAudit(plan: simulator.plan)
    outcomes = Array(repeating: nil, count: simulator.plan.order.count)
  }

  mutating func play(seed: UInt64) -> SimulatedRollout {
    if let cancelAt = simulator.cancelAt { timeline.add(.cancel, at: cancelAt) }
    obey(decider.step(.begin))
    while let entry = timeline.removeFirst() {
      now = entry.time
      mix(entry)
      handle(entry)
    }
    if !decider.isFinished { audit.note("never ends") }
    let report = decider.report
    audit.finish(report)
    return SimulatedRollout(
      seed: seed,
      report: report,
      milliseconds: endedAt,
      peakInFlight: audit.peakInFlight,
      peakLogins: peakWorking * simulator.botsPerHost,
      botsPerHost: simulator.botsPerHost,
      violations: audit.violations,
      fingerprint: fingerprint,
      trace: trace
    )
  }

  private mutating func handle(_ entry: VirtualTimeline.Entry) {
    let host = entry.host
    switch entry.kind {
    case .begun:
      if waiting.remove(host) != nil { begin(host) }
    case .ended:
      guard let outcome = outcomes[host] else { return }
      working -= 1
      audit.end(host, outcome)
      note { "\($0) \(outcome.outcomeClass.rawValue) \(outcome.detail)" }
      obey(decider.step(.finished(host, outcome)))
    case .proven:
      audit.prove(host, .ok)
      note { "\($0) proven ok" }
      obey(decider.step(.proved(host, .ok)))
    case .gate:
      answerGate()
    case .answered:
      audit.gate(asked: nil)
      let isAborted = random.chance(perMille: 300)
      note { _ in isAborted ? "operator aborts" : "operator resumes" }
      obey(decider.step(isAborted ? .abort("gate stayed inconclusive") : .resume))
    case .cancel:
      guard !decider.isFinished else { return }
      note { _ in "operator cancels" }
      obey(decider.step(.cancel))
      for host in waiting.sorted() {
        audit.withdraw(host)
        obey(decider.step(.withdrawn(host)))
      }
      waiting = []
    }

    /// Adds a trace line; the text is built only when it is wanted.
    func note(_ text: (String) -> String) {
      guard isTraced else { return }
      trace.append("\(Self.stamp(now)) \(text(simulator.plan.order[host]))")
    }
  }

  private mutating func answerGate() {
    let roll = random.next(through: 999)
    let verdict: GateVerdict
    if roll < simulator.faults.gateFail {
      verdict = .fail("simulated")
    } else if roll < simulator.faults.gateFail + simulator.faults.gateInconclusive {
      verdict = .inconclusive("simulated")
    } else {
      verdict = .pass
    }
    if isTraced { trace.append("\(Self.stamp(now)) gate says \(verdict)") }
    if case .inconclusive = verdict {} else { audit.gate(asked: nil) }
    obey(decider.step(.gate(verdict)))
  }

  private mutating func obey(_ commands: [RolloutCommand]) {
    for command in commands {
      switch command {
      case .start(let host, let delay):
        audit.start(host)
        if isTraced {
          trace.append(
            "\(Self.stamp(now)) \(simulator.plan.order[host]) start, \(decider.inFlight) of \(decider.window) in flight"
          )
        }
        if delay > 0 {
          waiting.insert(host)
          timeline.add(.begun, host: host, at: now + delay)
        } else {
          begin(host)
        }
      case .runGate(let hosts):
        audit.gate(asked: hosts.count)
        timeline.add(.gate, at: now + 500)
      case .paused(let reason):
        if isTraced { trace.append("\(Self.stamp(now)) paused: \(reason)") }
        timeline.add(.answered, at: now + 60_000)
      case .halted(let reason):
        audit.halt(reason)
        if isTraced { trace.append("\(Self.stamp(now)) halt: \(reason.text)") }
      case .finish:
        endedAt = now
        if isTraced { trace.append("\(Self.stamp(now)) finish") }
      }
    }
  }

  private mutating func begin(_ host: Int) {
    working += 1
    peakWorking = max(peakWorking, working)
    let fault = simulator.faults.draw(position: host, &random)
    var swap = SimulatedSwap()
    let step = SimulatedSwap.Step(rawValue: random.next(through: SimulatedSwap.Step.allCases.count - 1)) ?? .pull
    let outcome = swap.play(fault, brokenAt: step)
    if swap.wasEverBare { audit.note("host \(host) had no runnable version") }
    outcomes[host] = outcome
    let duration = duration(fault)
    timeline.add(.ended, host: host, at: now + duration)
    if fault == .lateSuccess { timeline.add(.proven, host: host, at: now + duration + random.next(through: 120_000)) }
  }

  private mutating func duration(_ fault: SimulatedFault) -> Int {
    let usual: Int
    if simulator.hostMilliseconds.isEmpty {
      // The sum of two draws: 70 % to 130 % of the usual time, the middle likeliest.
      let share = 700 + random.next(through: 300) + random.next(through: 300)
      usual = simulator.plan.policy.itemSeconds * share
    } else {
      usual = simulator.hostMilliseconds[random.next(through: simulator.hostMilliseconds.count - 1)]
    }
    switch fault {
    case .slow: return usual * (3 + random.next(through: 3))
    case .unchanged: return 500
    default: return max(1, usual)
    }
  }

  private mutating func mix(_ entry: VirtualTimeline.Entry) {
    for word in [entry.time, entry.kind.rawValue, entry.host] {
      fingerprint = (fingerprint ^ UInt64(bitPattern: Int64(word))) &* 0x0000_0100_0000_01B3
    }
  }

  /// Virtual time as seconds with milliseconds.
  private static func stamp(_ milliseconds: Int) -> String {
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)s"
  }
}

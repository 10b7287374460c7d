import Rollout

/// Host names, web001 and on.
func names(_ count: Int) -> [String] {
  (1...count).map { number in
    let digits = String(number)
    return "web" + String(repeating: "0", count: 3 - digits.count) + digits
  }
}

/// A shipped speed.
func speed(_ name: String) throws -> RolloutPolicy { try SpeedTable.builtIn().speed(named: name) }

/// A plan over `count` hosts at a shipped speed.
func plan(_ count: Int, _ name: String = "routine", seed: UInt64 = 1) throws -> RolloutPlan {
  try RolloutPlan(policy: speed(name), items: names(count), seed: seed)
}

/// A decider that is driven by hand, in order of starts, with gates that pass unless told otherwise.
struct HandRollout {
  var decider: RolloutDecider
  var flying: [Int] = []
  var started: [Int] = []
  var gates: [Int] = []
  var other: [RolloutCommand] = []
  var gatesPass = true

  init(_ plan: RolloutPlan) {
    decider = RolloutDecider(plan: plan)
    send(.begin)
  }

  mutating func send(_ event: RolloutEvent) {
    var askGate = false
    for command in decider.step(event) {
      switch command {
      case .start(let host, _):
        flying.append(host)
        started.append(host)
      case .runGate(let hosts):
        gates.append(hosts.count)
        askGate = true
      default: other.append(command)
      }
    }
    if askGate, gatesPass { send(.gate(.pass)) }
  }

  /// Ends the host that started first.
  mutating func end(_ outcome: ItemOutcome = .ok) {
    guard !flying.isEmpty else { return }
    send(.finished(flying.removeFirst(), outcome))
  }

  /// Ends hosts well until this many have succeeded, or nothing is in flight.
  mutating func succeed(_ count: Int) {
    for _ in 0..<count where !flying.isEmpty { end() }
  }
}

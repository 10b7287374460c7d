/// Judges what was done before more is: between the waves of a rollout, and before a runbook begins.
///
/// Stopping asks no gate. A rollback asks relatively: what was refused when it began does not stop it.
package protocol Gate: Sendable {
  /// Names the gate in refusals, for example `checks`.
  var name: String { get }
  /// Says whether to continue; the world in the surroundings only reads.
  func judge(_ point: GatePoint, in surroundings: Surroundings) async -> GuardAnswer
}

/// Where gates are asked.
package enum GatePoint: Sendable, Equatable {
  /// Between waves: the hosts of a deploy or the items of `job:each` that were changed so far.
  case wave(done: [String])
  /// Before a runbook of that name begins; in a dry run the answer is part of its plan.
  case runbook(String)
}

extension Rules {
  package var hasGates: Bool { !gates.isEmpty }

  /// What the gates of all domains say: the first refusal, else the first that cannot tell; names the gate.
  package func passes(_ point: GatePoint) async -> GuardAnswer {
    var answer = GuardAnswer.allow
    for gate in gates {
      switch await gate.judge(point, in: surroundings) {
      case .allow: continue
      case .refuse(let why, let hint): return .refuse("\(gate.name): \(why)", hint: hint)
      case .unknown(let why): if answer == .allow { answer = .unknown("\(gate.name): \(why)") }
      }
    }
    return answer
  }

  /// What gates refuse at a point, by the name of the gate; without those that cannot tell.
  package func refusals(at point: GatePoint) async -> [String: String] {
    var found: [String: String] = [:]
    for gate in gates {
      if case .refuse(let why, _) = await gate.judge(point, in: surroundings) { found[gate.name] = why }
    }
    return found
  }

  /// Why a runbook may not begin now; nil when every gate lets it.
  package func objection(toBeginning runbook: String) async -> CallFailure? {
    switch await passes(.runbook(runbook)) {
    case .allow: nil
    case .refuse(let why, let hint):
      CallFailure(
        .refused,
        code: "gate.refused",
        message: "a gate refuses to start '\(runbook)': \(why)",
        hint: hint
      )
    case .unknown(let why):
      CallFailure(
        .refused,
        code: "gate.unknown",
        message: "a gate cannot tell whether '\(runbook)' may start: \(why)",
        hint: "an unknown answer counts as a refusal; nothing was changed"
      )
    }
  }
}

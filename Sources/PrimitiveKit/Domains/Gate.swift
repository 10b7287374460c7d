/// Judges what was done before more is: between the waves of a rollout, and before a runbook begins.
///
/// Stopping asks no gate. A rollback asks relatively: what was refused when it began does not stop it.
package protocol Gate: Sendable {
  /// Names the gate in refusals, for example `checks`.
  var name: String { get }
  /// Says whether to continue; the world in the surroundings only reads.
  func judge(_ point: GatePoint, in surroundings: Surroundings) async -> GuardAnswer
  /// What it refuses at a point, each under a name that stays; a rollback stops for a name that is new since it began.
  func refusals(at point: GatePoint, in surroundings: Surroundings) async -> [String: String]
  /// What a plan shows of a point besides a refusal, a line each.
  func remarks(at point: GatePoint, in surroundings: Surroundings) async -> [String]
  /// Whether it can have anything to say between waves: a rollout holds at each gate, so one that never speaks is left out.
  func watchesWaves(in surroundings: Surroundings) -> Bool
}

extension Gate {
  package func watchesWaves(in surroundings: Surroundings) -> Bool { true }

  package func remarks(at point: GatePoint, in surroundings: Surroundings) async -> [String] { [] }

  /// One refusal under the name of the gate; without an answer that cannot tell.
  package func refusals(at point: GatePoint, in surroundings: Surroundings) async -> [String: String] {
    guard case .refuse(let why, _) = await judge(point, in: surroundings) else { return [:] }
    return [name: why]
  }
}

/// Where gates are asked.
package enum GatePoint: Sendable, Equatable {
  /// Between waves: the hosts of a deploy or the items of `job:each` that were changed so far.
  case wave(done: [String])
  /// Before a runbook of that name begins; in a dry run the answer is part of its plan.
  ///
  /// `cures` are checks, or patterns of them, that it is to make OK: they do not keep it from beginning.
  case runbook(String, cures: [String] = [])
  /// After the verify step of a runbook: whether what it was to cure is cured.
  case cured(String, cures: [String])
}

extension Rules {
  /// Whether a gate has a say between waves.
  package var hasGates: Bool { gates.contains { $0.watchesWaves(in: surroundings) } }

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

  /// What gates refuse at a point, by names that stay; without those that cannot tell.
  package func refusals(at point: GatePoint) async -> [String: String] {
    var found: [String: String] = [:]
    for gate in gates { found.merge(await gate.refusals(at: point, in: surroundings)) { one, _ in one } }
    return found
  }

  /// What a plan shows of a point besides refusals.
  package func remarks(at point: GatePoint) async -> [String] {
    var lines: [String] = []
    for gate in gates { lines += await gate.remarks(at: point, in: surroundings) }
    return lines
  }

  /// Why a runbook has not cured what it was to cure; nil when every gate finds it cured.
  package func objection(toEnding runbook: String, cures: [String]) async -> CallFailure? {
    guard !cures.isEmpty else { return nil }
    let (isUnknown, why): (Bool, String)
    switch await passes(.cured(runbook, cures: cures)) {
    case .allow: return nil
    case .refuse(let words, _): (isUnknown, why) = (false, words)
    case .unknown(let words): (isUnknown, why) = (true, words)
    }
    return CallFailure(
      .failed,
      code: "runbook.not_cured",
      message: isUnknown
        ? "'\(runbook)' finished, but whether it cured anything is unknown: \(why)"
        : "'\(runbook)' finished and cured nothing: \(why)",
      hint: "`why` tells more about a check",
      ending: .budgetBreached
    )
  }

  /// Why a runbook may not begin now; nil when every gate lets it.
  package func objection(toBeginning runbook: String, cures: [String] = []) async -> CallFailure? {
    switch await passes(.runbook(runbook, cures: cures)) {
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

/// Judges what was done before more is: between the waves of a rollout, and before a runbook begins.
///
/// Stopping asks no gate. A rollback asks relatively: what was refused when it began does not stop it.
package protocol Gate: Sendable {
  /// Names the gate in refusals, for example `checks`.
  var name: String { get }
  /// Says whether to continue; the world in the surroundings only reads.
  func judge(_ point: GatePoint, in surroundings: Surroundings) async -> GuardAnswer
  /// The same, with how everything stands that it asks, for a plan.
  func standing(at point: GatePoint, in surroundings: Surroundings) async -> GateStanding
  /// What it asks, by names or patterns, for a plan that does not ask yet.
  func subjects(in surroundings: Surroundings) -> [String]
  /// Why it can never tell as the site is; nil where it can.
  func problem(in surroundings: Surroundings) -> CallFailure?
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

  package func standing(at point: GatePoint, in surroundings: Surroundings) async -> GateStanding {
    GateStanding(answer: await judge(point, in: surroundings))
  }

  package func subjects(in surroundings: Surroundings) -> [String] { [] }

  package func problem(in surroundings: Surroundings) -> CallFailure? { nil }

  /// One refusal under the name of the gate; without an answer that cannot tell.
  package func refusals(at point: GatePoint, in surroundings: Surroundings) async -> [String: String] {
    guard case .refuse(let why, _) = await judge(point, in: surroundings) else { return [:] }
    return [name: why]
  }
}

/// What a gate says, and how what it asks stands now.
package struct GateStanding: Sendable, Equatable {
  package let answer: GuardAnswer
  /// A line each, the worst after the one that sums up.
  package let lines: [String]

  package init(answer: GuardAnswer, lines: [String] = []) { (self.answer, self.lines) = (answer, lines) }
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

  /// What the gates of all domains ask, by names or patterns.
  package var gateSubjects: [String] { gates.flatMap { $0.subjects(in: surroundings) } }

  /// Why a gate can never tell as the site is: nothing is to be begun that would halt at it.
  package var gateProblem: CallFailure? { gates.lazy.compactMap { $0.problem(in: self.surroundings) }.first }

  /// What the gates of all domains say: the first refusal, else the first that cannot tell; names the gate.
  package func passes(_ point: GatePoint) async -> GuardAnswer { await standing(at: point).answer }

  private func standing(at point: GatePoint) async -> GateStanding {
    var answer = GuardAnswer.allow
    var lines: [String] = []
    for gate in gates {
      let standing = await gate.standing(at: point, in: surroundings)
      lines += standing.lines
      switch standing.answer {
      case .allow: continue
      case .refuse(let why, let hint):
        return GateStanding(answer: .refuse("\(gate.name): \(why)", hint: hint), lines: lines)
      case .unknown(let why): if answer == .allow { answer = .unknown("\(gate.name): \(why)") }
      }
    }
    return GateStanding(answer: answer, lines: lines)
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

  /// Why a runbook may not begin now, nil when every gate lets it, and how what they ask stands, a line each.
  package func standing(toBeginning runbook: String, cures: [String] = []) async -> (
    objection: CallFailure?, lines: [String]
  ) {
    let standing = await standing(at: .runbook(runbook, cures: cures))
    let objection: CallFailure? =
      switch standing.answer {
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
          hint: gateProblem?.hint ?? "an unknown answer counts as a refusal; nothing was changed"
        )
      }
    return (objection, standing.lines)
  }
}

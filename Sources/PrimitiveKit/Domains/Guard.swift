/// Judges a change that was admitted, before it is made.
///
/// Asked for every change of every domain, also in a dry run, where its answer is part of the plan. A change that stops
/// something is not asked about: stopping always works.
package protocol Guard: Sendable {
  /// Names the guard in refusals, for example `risk`.
  var name: String { get }
  /// Says whether the change may be made; the world in the surroundings only reads.
  func judge(_ change: AdmittedOperation, in surroundings: Surroundings) async -> GuardAnswer
}

/// Has a say before a bot starts.
package protocol StartFilter: Sendable {
  /// Names the filter in refusals.
  var name: String { get }
  /// Says whether this bot may start; the world in the surroundings only reads.
  func mayStart(_ bot: String, by change: AdmittedOperation, in surroundings: Surroundings) async -> GuardAnswer
}

/// What a guard says.
package enum GuardAnswer: Sendable, Equatable {
  case allow
  case refuse(String, hint: String? = nil)
  /// It cannot tell, which is a refusal: missing data is never green.
  case unknown(String)
}

/// A change that was admitted, as guards see it.
package struct AdmittedOperation: Sendable, Equatable {
  /// A stable, dotted name, for example `bots.swap`.
  package let kind: String
  package let target: OperationTarget
  package let effect: Effect
  package let summary: String
  /// The bots that it changes.
  package let bots: [String]
  /// The bots that it starts, or may start.
  package let started: [String]
  /// The speed of the rollout that it is part of; nil outside rollouts.
  package let speed: String?

  package init(_ change: some Operation) {
    kind = type(of: change).kind
    target = change.target
    effect = change.effect
    summary = change.summary
    bots = change.bots
    started = change.started
    speed = CallContext.current.speed
  }
}

/// The guards, start filters and gates of all domains, asked together.
package final class Rules: Sendable {
  private let guards: [any Guard]
  private let filters: [any StartFilter]
  let gates: [any Gate]
  let surroundings: Surroundings

  init(guards: [any Guard], filters: [any StartFilter], gates: [any Gate], _ surroundings: Surroundings) {
    self.guards = guards
    self.filters = filters
    self.gates = gates
    self.surroundings = surroundings
  }

  /// The same guards and filters, and no gate.
  var ungated: Rules { Rules(guards: guards, filters: filters, gates: [], surroundings) }

  /// Why a change may not be made, one failure for each that says so; empty when all allow it.
  func objections(to change: some Operation) async -> [CallFailure] {
    guard !change.isStop else { return [] }
    let admitted = AdmittedOperation(change)
    var found: [CallFailure] = []
    for asked in guards {
      if let failure = await asked.judge(admitted, in: surroundings).objection(of: asked.name, admitted.summary) {
        found.append(failure)
      }
    }
    for filter in filters {
      for bot in admitted.started {
        let answer = await filter.mayStart(bot, by: admitted, in: surroundings)
        if let failure = answer.objection(of: filter.name, "start \(bot)") { found.append(failure) }
      }
    }
    return found
  }
}

extension GuardAnswer {
  fileprivate func objection(of name: String, _ deed: String) -> CallFailure? {
    switch self {
    case .allow: nil
    case .refuse(let why, let hint):
      CallFailure(.refused, code: "guard.refused", message: "\(name) refuses to \(deed): \(why)", hint: hint)
    case .unknown(let why):
      CallFailure(
        .refused,
        code: "guard.unknown",
        message: "\(name) cannot tell whether to \(deed): \(why)",
        hint: "an unknown answer counts as a refusal; nothing was changed"
      )
    }
  }
}

/// What calling a primitive may do to the world (DESIGN section 4).
package enum Effect: String, Sendable, Codable, CaseIterable {
  /// Looks only.
  case reads
  /// Changes something on a host, in a file or in a service.
  case changes
  /// Can open, close or block positions.
  case trades
  /// Changes credentials, limits or approvals.
  case administers
}

/// What the calls of one evaluation may do.
///
/// Task local: the engine sets it for a chunk, a runbook's `check` narrows it to `reads`.
package struct CallContext: Sendable {
  /// The context of the current task.
  @TaskLocal package static var current = CallContext()

  /// The effects that are not refused.
  package var allowed: Set<Effect>
  /// Who narrowed the effects, as the refusal names it, for example `check`.
  package var name: String
  /// Whether `allowed` is what the header of a runbook declares, which its author may extend.
  package var isDeclared = false
  /// Whether changes are predicted instead of performed.
  package var isDryRun: Bool
  /// The run that changes of this call belong to; nil where each call is a run of its own.
  package var run: Run?
  /// The step that the call is made in, as a path of names such as `deploy/web001`; empty outside steps.
  package var step = ""
  /// Whether an operator has confirmed the plan that this call is part of, so that no primitive asks again.
  package var isConfirmed = false
  /// Whether what the call would say is said elsewhere: in the plan it is rehearsed for, or in the progress of a rollout.
  package var isQuiet = false
  /// The speed of the rollout that the call is part of; nil outside rollouts.
  package var speed: String?
  /// What the caller makes of a change that reached only some of its hosts.
  package var tolerance = Tolerance.any
  /// Hears of the exit codes that the call notes, for the record of its run.
  package var noted: NotedExit?

  package init(allowed: Set<Effect> = Set(Effect.allCases), name: String = "this script", isDryRun: Bool = false) {
    self.allowed = allowed
    self.name = name
    self.isDryRun = isDryRun
  }

  /// Refuses a primitive whose effect the context does not allow.
  ///
  /// Throws `call.effect`; the message names both effects.
  package func permit(_ info: PrimitiveInfo, _ values: [Value] = []) throws(CallFailure) {
    guard !allowed.contains(info.effect(of: values)) else { return }
    let names = Effect.allCases.filter(allowed.contains).map { "'\($0.rawValue)'" }.joined(separator: ", ")
    let limit = allowed.isEmpty ? "calls no primitive" : "allows only \(names)"
    throw CallFailure(
      .refused,
      code: "call.effect",
      message: "\(info.name) has the effect '\(info.effect.rawValue)', but \(name) \(limit)",
      hint: info.readsWhen.map { "with \($0)=true it only reads" }
        ?? (isDeclared
          ? "add \"\(info.effect.rawValue)\" to `effects` in its header"
          : "move the call to where '\(info.effect.rawValue)' is allowed")
    )
  }
}

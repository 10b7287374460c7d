/// What happened, told to the decider; items are positions in the plan's order.
package enum RolloutEvent: Codable, Equatable, Sendable {
  /// The plan was confirmed: begin.
  case begin
  /// The work on a item ended.
  case finished(Int, ItemOutcome)
  /// A item reported unknown is now proven to have ended this way.
  case proved(Int, ItemOutcome)
  /// A item that was told to start never did: its delay was cut short before anything was sent.
  case withdrawn(Int)
  /// The gate that was asked for has spoken.
  case gate(GateVerdict)
  /// An operator lets a paused rollout continue.
  case resume
  /// An operator ends a rollout, paused or not, with a reason; items in flight finish.
  case abort(String)
  /// Nothing can continue, for this reason: the journal fails, or the lock is lost; items in flight finish.
  case stop(String)
  /// Stop starting items; those in flight finish.
  case cancel
  /// Stop watching: items in flight become unknown.
  case detach

  /// Whether whoever takes the rollout up again must hear of it.
  ///
  /// Not of an interruption: who interrupts a rollout means to take it up again.
  package var isLasting: Bool {
    switch self {
    case .finished, .proved, .gate, .resume, .abort: true
    case .begin, .withdrawn, .stop, .cancel, .detach: false
    }
  }
}

/// What a gate says about the items changed so far.
package enum GateVerdict: Codable, Equatable, Sendable {
  case pass
  case fail(String)
  /// Neither: data is missing or contradicts itself.
  case inconclusive(String)
}

/// What the decider wants done; items are positions in the plan's order.
package enum RolloutCommand: Codable, Equatable, Sendable {
  /// Start a item after a delay in milliseconds.
  case start(Int, delay: Int)
  /// Ask the gate about these items, all that were touched so far; nothing is in flight.
  case runGate([Int])
  /// Tell the operator that nothing starts until `resume` or `abort`.
  case paused(String)
  /// Tell the operator that nothing more starts; items in flight finish.
  case halted(HaltReason)
  /// All items have ended in a class: the report is complete.
  case finish
}

/// Why a rollout stopped starting items.
package enum HaltReason: Codable, Equatable, Sendable {
  /// More items in a class than its budget allows; `full` is what the budget would have been after the ramp.
  case budget(RolloutBudget, spent: Int, allowed: Int, full: Int)
  /// A gate failed.
  case gate(String)
  /// A gate could not tell, where that stops a rollout as well.
  case inconclusive(String)
  /// An operator ended it.
  case aborted(String)
  /// It could not continue: what it is recorded in or locked with failed.
  case stopped(String)
  case cancelled
  /// An operator stopped watching; items may still be changing.
  case detached

  /// The reason in one sentence.
  package var text: String {
    switch self {
    case .budget(let budget, let spent, let allowed, let full):
      "\(spent) \(spent == 1 ? budget.rawValue : budget.plural) and the budget is \(allowed)"
        + (allowed < full ? " this early (\(full) once the window is full)" : "")
    case .gate(let reason): "a gate failed: \(reason)"
    case .inconclusive(let reason): "a gate failed: inconclusive: \(reason)"
    case .aborted(let reason): "ended by the operator: \(reason)"
    case .stopped(let reason): "it could not continue: \(reason)"
    case .cancelled: "cancelled"
    case .detached: "detached; items in flight may still be changing"
    }
  }
}

/// The separate budgets; a breach names which one broke.
package enum RolloutBudget: String, Codable, CaseIterable, Sendable {
  /// Failed and unhealthy items.
  case errors = "error"
  /// Items whose outcome is unknown.
  case unknown = "unknown outcome"
  /// Items that were never reached.
  case unreachable = "unreachable host"

  fileprivate var plural: String { rawValue + "s" }
}

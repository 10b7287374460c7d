package import PrimitiveKit

extension RolloutReport {
  /// The exit code this end stands for (DESIGN section 6), before verification has its say.
  ///
  /// What an operator must look at first wins: an interrupted rollout, then items of unknown outcome, then the breach,
  /// then failures within the budget.
  package var exitCode: ExitCode {
    let tally = tally
    switch halt {
    case .cancelled, .detached, .stopped: return .interrupted
    case _ where tally.unknown > 0: return .unknownOutcomes
    case .budget(.unreachable, _, _, _): return .unreachableBudget
    case .budget, .gate, .inconclusive, .aborted: return .budgetBreached
    case nil: return tally.errors + tally.unreachable > 0 ? .failuresWithinBudget : .ok
    }
  }

  /// What it says against what was rolled out: too many errors, or a gate that said no.
  ///
  /// Nil where anything else stopped it: a host that went away or a gate that could not tell is no verdict.
  package var verdict: String? {
    switch halt {
    case .budget(.errors, _, _, _)?, .gate?: halt?.text
    default: nil
    }
  }

  /// The failure of a rollout that did not run to its end, saying `words` and why; nil when it did.
  package func failure(_ words: String, hint: String?) -> CallFailure? {
    guard let halt else { return nil }
    let message = "\(words): \(halt.text)"
    return switch exitCode {
    case .interrupted:
      CallFailure(
        .cancelled,
        .interrupted,
        code: "rollout.interrupted",
        message: message,
        hint: hint,
        ending: .interrupted
      )
    case .unknownOutcomes: CallFailure(.unknownOutcome, code: "rollout.unknown", message: message, hint: hint)
    case .unreachableBudget: CallFailure(.unavailable, code: "rollout.unreachable", message: message, hint: hint)
    default:
      CallFailure(.failed, .halted, code: "rollout.halted", message: message, hint: hint, ending: .budgetBreached)
    }
  }
}

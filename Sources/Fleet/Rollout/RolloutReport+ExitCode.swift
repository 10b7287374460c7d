package import PrimitiveKit

extension RolloutReport {
  /// The exit code this end stands for (DESIGN section 6), before verification has its say.
  ///
  /// What an operator must look at first wins: an interrupted rollout, then hosts of unknown outcome, then the breach,
  /// then failures within the budget.
  package var exitCode: ExitCode {
    let tally = tally
    switch halt {
    case .cancelled, .detached, .stopped: return .interrupted
    case _ where tally.unknown > 0: return .unknownOutcomes
    case .budget(.unreachable, _, _, _): return .unreachableBudget
    case .budget, .gate, .aborted: return .budgetBreached
    case nil: return tally.errors + tally.unreachable > 0 ? .failuresWithinBudget : .ok
    }
  }
}

/// How opsh ends, as the shell sees it (DESIGN section 6).
package enum ExitCode: Int32, Sendable, Codable, CaseIterable {
  case ok = 0
  /// Some hosts or bots failed, within the budget.
  case failuresWithinBudget = 1
  /// The error budget was breached or a gate failed: the rollout halted.
  case budgetBreached = 2
  case planInexact = 3
  /// More hosts were unreachable than the budget allows.
  case unreachableBudget = 4
  /// Cancelled after something had begun; what is left can be run again.
  case interrupted = 5
  case lockRefused = 6
  case rolledBack = 7
  case rollbackFailed = 8
  /// It is not known whether some changes happened.
  case unknownOutcomes = 9
  /// The command line is wrong (sysexits.h).
  case usage = 64
  /// A script, a site or an argument of a primitive is invalid (sysexits.h).
  case dataInvalid = 65
  /// A defect of opsh (sysexits.h).
  case internalError = 70
  /// Cancelled by the operator with nothing begun.
  case cancelled = 130

  /// The exit code of a batch run that ends with this failure, where nothing of it had begun.
  ///
  /// It follows from the class, unless the failure says how it ended.
  package init(failure: CallFailure) {
    self =
      failure.ending
      ?? {
        switch failure.failureClass {
        case .usage: .usage
        case .invalid: .dataInvalid
        case .refused, .journal: .lockRefused
        case .unavailable: .unreachableBudget
        case .failed: .failuresWithinBudget
        case .unknownOutcome: .unknownOutcomes
        case .cancelled: .cancelled
        case .defect: .internalError
        }
      }()
  }
}

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

  /// The exit code of a batch run that ends with this failure.
  ///
  /// Failures carry no number: their stable code decides.
  package init(failure: CallFailure) {
    self =
      switch failure.code {
      case "rollout.halted": .budgetBreached
      // The runbook was fine and the world was not: nothing of it may fail.
      case "change.failed", "deploy.partial", "job.deadline", "job.ensure", "step.timeout", "runbook.verify":
        .budgetBreached
      case "change.unreachable", "rollout.unreachable": .unreachableBudget
      case "rollout.interrupted": .interrupted
      case "change.unknown", "rollout.unknown": .unknownOutcomes
      case "plan.inexact": .planInexact
      case "run.interrupted", "run.declined", "run.detached": .interrupted
      case "run.unknown_outcome": .unknownOutcomes
      case "run.rolled_back": .rolledBack
      case "rollback.failed": .rollbackFailed
      case "lock.lost", "lock.sticky", "run.taken": .lockRefused
      case "lock.refused", "host.locked", "host.stale_epoch": .lockRefused
      case "call.cancelled", "plan.declined": .cancelled
      case "internal.error": .internalError
      case let code where code.hasPrefix("usage."): .usage
      case let code where code.hasPrefix("host."): .failuresWithinBudget
      default: .dataInvalid
      }
  }
}

import PrimitiveKit

/// The errors that primitives about runbooks raise besides those of every call, for the reference.
enum RunbookErrors {
  /// Those of one primitive.
  static func of(_ info: PrimitiveInfo) -> [ErrorInfo] {
    switch info.name {
    case "runbook.run", "runbook.drill": starting + going
    case "resume": runs + [ErrorInfo("run.differs", "the runbook is not the one it began with")] + going
    case "fork": runs + starting + going
    case "rollback":
      runs + [
        ErrorInfo("run.nothing_to_undo", "nothing of the run can be undone"),
        ErrorInfo("rollback.failed", "something could not be undone; the run stays open"),
        ErrorInfo("rollback.unknown", "the outcome of some changes is unknown"),
        ErrorInfo("plan.declined", "not confirmed"),
      ]
    default: []
    }
  }

  private static let runs = [
    ErrorInfo("run.not_found", "no run has this id"), ErrorInfo("run.ambiguous", "several runs match a part of an id"),
    ErrorInfo("run.finished", "the run has ended"), ErrorInfo("run.taken", "another process works on it"),
  ]

  private static let starting = [
    ErrorInfo("runbook.missing", "no runbook has this name"), ErrorInfo("runbook.header", "the file is not a runbook"),
    ErrorInfo("plan.inexact", "the plan is less exact than the runbook demands"),
    ErrorInfo("plan.changed", "the saved plan no longer holds"), ErrorInfo("plan.declined", "not confirmed"),
    ErrorInfo("gate.closed", "a check of the site is BAD or UNKNOWN"),
    ErrorInfo("approval.missing", "another operator must approve it"),
    ErrorInfo("runbook.signature", "the site wants a signature of the file"),
  ]

  private static let going = [
    ErrorInfo("lock.refused", "somebody else holds a lock that it needs"),
    ErrorInfo("runbook.verify", "it finished, but its verify step failed"),
    ErrorInfo("run.unknown_outcome", "the outcome of a change is unknown"),
  ]
}

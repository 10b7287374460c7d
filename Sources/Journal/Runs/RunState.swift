package import PrimitiveKit

/// The state of a run: its outcome, not that a call returned.
package enum RunState: String, Sendable, Codable, CaseIterable {
  case running
  /// For a person: a live run asks a question, or a plan that never began lacks its approval.
  case waiting
  /// It can be resumed: a signal ended it, or its process is gone.
  case interrupted
  /// The operator left it; hosts carried on.
  case detached
  case ok
  /// It finished, with failures that its budgets or its author tolerate.
  case partial
  case failed
  /// A budget or a gate stopped it.
  case halted
  /// Nobody can say whether some of its operations happened.
  case unknown
  /// It ended before anything was begun.
  case cancelled
  case rolledBack = "rolled_back"
  case rollbackFailed = "rollback_failed"

  /// What came of a run that ended without an error, by the worst that it noted.
  package init(noted note: ExitNote) {
    switch note.code {
    case .ok: self = .ok
    case .failuresWithinBudget where note.isTotal, .unreachableBudget where note.isTotal: self = .failed
    case .failuresWithinBudget, .planInexact: self = .partial
    case .budgetBreached, .unreachableBudget: self = .halted
    case .unknownOutcomes: self = .unknown
    default: self = .failed
    }
  }

  /// Whether it can neither be resumed nor needs anybody.
  var isOver: Bool {
    switch self {
    case .ok, .partial, .failed, .halted, .cancelled, .rolledBack: true
    case .running, .waiting, .interrupted, .detached, .unknown, .rollbackFailed: false
    }
  }

  /// Whether it went through to its end, perhaps with failures that were tolerated.
  package var isThrough: Bool { self == .ok || self == .partial }
}

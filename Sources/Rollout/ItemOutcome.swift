/// How the work on one item ended, as the worker proved it.
package enum ItemOutcome: Codable, Equatable, Sendable {
  /// The new version runs and is stable.
  case ok
  /// The item already was at the target; nothing was done to it.
  case unchanged
  /// The work failed and the item is back on the old version.
  case failed(String)
  /// The new version runs, and a check says it is not well.
  case unhealthy(String)
  /// Something may have been done; what is unknown.
  case unknown(String)
  /// Nothing can have been done: the item was never reached.
  case unreachable(String)
  /// Somebody stopped what is on it while it was worked on, on purpose.
  case excluded(String)

  /// The class this outcome is counted in.
  package var outcomeClass: OutcomeClass {
    switch self {
    case .ok, .unchanged: .ok
    case .failed: .failed
    case .unhealthy: .unhealthy
    case .unknown: .unknown
    case .unreachable: .unreachable
    case .excluded: .excluded
    }
  }

  /// What was said about it; empty when all is well.
  package var detail: String {
    switch self {
    case .ok, .unchanged: ""
    case .failed(let detail), .unhealthy(let detail), .unknown(let detail), .unreachable(let detail),
      .excluded(let detail):
      detail
    }
  }
}

/// The seven groups that every report sums to N over (DESIGN section 6).
package enum OutcomeClass: String, Codable, CaseIterable, Sendable {
  case ok
  case failed
  /// Ran, and a check says it is not well.
  case unhealthy
  /// An effect is possible but unproven.
  case unknown
  /// No effect is possible.
  case unreachable
  /// Never started.
  case skipped
  /// Left out by an operator, with a reason; stays in the denominator.
  case excluded
}

/// How many items are in each class so far; counters are never mixed.
package struct RolloutTally: Codable, Equatable, Sendable {
  package internal(set) var ok = 0
  package internal(set) var failed = 0
  package internal(set) var unhealthy = 0
  package internal(set) var unknown = 0
  package internal(set) var unreachable = 0
  package internal(set) var skipped = 0
  package internal(set) var excluded = 0

  package init() {}

  /// Items of one class.
  package subscript(outcomeClass: OutcomeClass) -> Int {
    get {
      switch outcomeClass {
      case .ok: ok
      case .failed: failed
      case .unhealthy: unhealthy
      case .unknown: unknown
      case .unreachable: unreachable
      case .skipped: skipped
      case .excluded: excluded
      }
    }
    set {
      switch outcomeClass {
      case .ok: ok = newValue
      case .failed: failed = newValue
      case .unhealthy: unhealthy = newValue
      case .unknown: unknown = newValue
      case .unreachable: unreachable = newValue
      case .skipped: skipped = newValue
      case .excluded: excluded = newValue
      }
    }
  }

  /// Items that spend the error budget: failed and unhealthy.
  package var errors: Int { failed + unhealthy }

  /// Items whose work has ended, in whatever class.
  package var finished: Int { ok + failed + unhealthy + unknown + unreachable }

  /// All items counted.
  package var total: Int { finished + skipped + excluded }
}

/// One thing that happened in a rollout, with the numbers after it.
package struct RolloutProgress: Equatable, Sendable {
  /// What happened.
  package enum Change: Equatable, Sendable {
    /// A rollout of an earlier process is taken up; the numbers are those it had come to.
    case takenUp
    /// A item will start after this delay.
    case scheduled(item: String, delay: Duration)
    /// The work on a item begins now.
    case started(item: String)
    /// The work on a item ended.
    case finished(item: String, outcome: ItemOutcome)
    /// A item reported unknown is now proven.
    case proved(item: String, outcome: ItemOutcome)
    /// A gate looks at this many items.
    case gating(items: Int)
    /// A gate has spoken.
    case gated(GateVerdict)
    /// Nothing starts until an operator resumes or aborts.
    case paused(reason: String)
    /// An operator let it continue.
    case resumed
    /// Nothing more starts; items in flight finish.
    case halted(HaltReason)
    /// The report is complete.
    case ended
  }

  package let change: Change
  /// Items per class so far.
  package let tally: RolloutTally
  /// Items being worked on or waiting for their delay.
  package let inFlight: [String]
  /// Items of the plan, without the excluded ones.
  package let items: Int
  /// Time since the rollout began.
  package let elapsed: Duration
  /// Expected time left; nil when nothing is left.
  package let remaining: Duration?

  /// The numbers as a progress line.
  package var line: ProgressLine {
    var line = ProgressLine(
      finished: tally.finished,
      items: items,
      errors: tally.errors,
      elapsedSeconds: Int(elapsed.components.seconds),
      remainingSeconds: remaining.map { Int($0.components.seconds) }
    )
    line.unknown = tally.unknown
    line.unreachable = tally.unreachable
    return line
  }
}

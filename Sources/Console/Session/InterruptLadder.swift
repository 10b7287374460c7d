/// Decides what each Ctrl-C does while something runs.
package struct InterruptLadder: Sendable {
  package enum Step: Equatable, Sendable {
    /// Ask the work to stop.
    case cancel
    /// Say what has not stopped yet.
    case report
    /// Leave the process at once.
    case leave
  }

  /// A press that follows within this time is meant together with the one before.
  package static let patience = Duration.seconds(2)

  private var presses = 0
  private var last: ContinuousClock.Instant?

  package init() {}

  /// The first press cancels, later ones report; one that follows a report within the patience leaves.
  ///
  /// Presses minutes apart never leave: a deploy that lets its hosts finish is not cut off by impatience.
  package mutating func press(at now: ContinuousClock.Instant) -> Step {
    defer { last = now }
    presses += 1
    guard presses > 1 else { return .cancel }
    guard presses > 2, let last, now - last <= Self.patience else { return .report }
    return .leave
  }
}

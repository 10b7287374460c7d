/// A host that swaps its bots' version: the old is kept until the new one is proven (R1-22, R1-23).
struct SimulatedSwap {
  /// The steps of a swap, in order.
  enum Step: Int, CaseIterable {
    case pull
    case stopOld
    case keepOld
    case startNew
    case prove
    case dropOld
  }

  /// Whether the old version lies on the host and can be started.
  private(set) var hasOld = true
  /// Whether the new version is proven to run.
  private(set) var hasProvenNew = false
  /// Whether there was a moment without any version that could run.
  private(set) var wasEverBare = false

  /// Plays a swap that breaks at `step` in the way of `fault`, and says how the host ends.
  mutating func play(_ fault: SimulatedFault, brokenAt step: Step) -> ItemOutcome {
    switch fault {
    case .unchanged:
      hasProvenNew = true
      return .unchanged
    case .unreachable:
      return .unreachable("no answer")
    case .none, .slow:
      perform(through: .dropOld)
      return .ok
    case .fail:
      // A swap that was proven cannot fail any more.
      let last = min(step.rawValue, Step.startNew.rawValue)
      perform(upTo: last)
      rollBack()
      return .failed("broke at step \(last + 1) and was rolled back")
    case .flap:
      perform(through: .startNew)
      return .unhealthy("restarted while settling")
    case .unknown:
      perform(upTo: step.rawValue)
      return .unknown("connection lost at step \(step.rawValue + 1)")
    case .lateSuccess:
      perform(through: .dropOld)
      return .unknown("connection lost, work continued")
    }
  }

  private mutating func perform(upTo end: Int) {
    var number = 0
    while number < end, let step = Step(rawValue: number) {
      perform(step)
      number += 1
    }
  }

  private mutating func perform(through step: Step) { perform(upTo: step.rawValue + 1) }

  private mutating func perform(_ step: Step) {
    switch step {
    case .pull, .stopOld, .keepOld, .startNew: break
    case .prove: hasProvenNew = true
    case .dropOld: hasOld = false
    }
    if !hasOld, !hasProvenNew { wasEverBare = true }
  }

  private mutating func rollBack() {
    if !hasOld { wasEverBare = true }
  }
}

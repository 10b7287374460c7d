import PrimitiveKit

/// Decides which states of work under way a log gets: milestones at once, the rest at most one in a while.
struct ProgressPace {
  private let interval: Duration
  private var lastShown: ContinuousClock.Instant?
  private var skipped: ProgressStatus?
  private var shown: ProgressStatus?

  init(interval: Duration) { self.interval = interval }

  /// The status to show now, or nil; the end of work shows what was held back.
  mutating func next(_ status: ProgressStatus?, at now: ContinuousClock.Instant) -> ProgressStatus? {
    guard let status else {
      defer { self = ProgressPace(interval: interval) }
      return skipped
    }
    // A log needs no line twice, whoever says it.
    guard status.plain != shown?.plain else {
      skipped = nil
      return nil
    }
    if !status.isMilestone, let lastShown, now < lastShown + interval {
      skipped = status
      return nil
    }
    lastShown = now
    skipped = nil
    shown = status
    return status
  }
}

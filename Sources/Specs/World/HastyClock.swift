import Synchronization

/// A clock on which every sleep is over at once, and has taken its time.
struct HastyClock: Clock {
  typealias Instant = ContinuousClock.Instant

  private final class Offset: Sendable {
    private let value = Mutex(Duration.zero)
    func add(_ duration: Duration) { value.withLock { $0 += max(duration, .zero) } }
    var duration: Duration { value.withLock { $0 } }
  }

  private let offset = Offset()

  var now: Instant { ContinuousClock.now.advanced(by: offset.duration) }
  var minimumResolution: Duration { .zero }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    try Task.checkCancellation()
    await Task.yield()
    offset.add(now.duration(to: deadline))
  }
}

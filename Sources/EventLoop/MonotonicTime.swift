import Glibc

/// A point on the clock that epoll sleeps by (`CLOCK_MONOTONIC`), in nanoseconds.
package struct MonotonicTime: Comparable, Hashable, Sendable {
  package var nanoseconds: Int64

  /// The present.
  package static var now: MonotonicTime {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// The point `delay` later; a delay beyond what the clock can hold means the end of time.
  package static func + (time: MonotonicTime, delay: Duration) -> MonotonicTime {
    let (seconds, attoseconds) = delay.components
    let (whole, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isTooLate) = time.nanoseconds.addingReportingOverflow(whole)
    let limit = seconds < 0 ? Int64.min : Int64.max - 1_000_000_000
    return MonotonicTime(
      nanoseconds: (isTooLarge || isTooLate ? limit : seconds < 0 ? sum : min(sum, limit)) + attoseconds / 1_000_000_000
    )
  }

  /// The time from `start` to `end`.
  package static func - (end: MonotonicTime, start: MonotonicTime) -> Duration {
    .nanoseconds(end.nanoseconds - start.nanoseconds)
  }

  package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }
}

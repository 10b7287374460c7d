/// When a lease is renewed and how long one without renewal is trusted (DESIGN section 6).
package struct LeaseTiming: Sendable, Equatable {
  /// How long a lease lasts.
  package var duration: Duration
  /// From one renewal to the next.
  package var renewal: Duration
  /// From a renewal that failed to the next try.
  package var retry: Duration
  /// Without a renewal for so long, nothing new is started.
  package var startLimit: Duration

  package init(duration: Duration, renewal: Duration, retry: Duration, startLimit: Duration) {
    self.duration = duration
    self.renewal = renewal
    self.retry = retry
    self.startLimit = startLimit
  }

  package static let standard = LeaseTiming(
    duration: .seconds(60),
    renewal: .seconds(15),
    retry: .seconds(5),
    startLimit: .seconds(45)
  )
}

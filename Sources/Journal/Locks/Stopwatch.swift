/// Measures time on a clock whose type is not known.
enum Stopwatch {
  /// Answers the time since this call.
  static func start(_ clock: any Clock<Duration>) -> @Sendable () -> Duration { begin(clock) }

  private static func begin<Watch: Clock>(_ clock: Watch) -> @Sendable () -> Duration where Watch.Duration == Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
  }
}

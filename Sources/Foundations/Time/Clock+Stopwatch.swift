extension Clock where Duration == Swift.Duration {
  /// Starts measuring; the answer says how long it has been since.
  package func stopwatch() -> @Sendable () -> Swift.Duration {
    let start = now
    return { start.duration(to: self.now) }
  }
}

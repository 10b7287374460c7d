/// Lets the time of a clock pass whenever somebody sleeps on it, until the work is done.
package func lettingTimePass<Result: Sendable>(
  _ clock: ManualClock,
  _ work: @escaping @Sendable () async throws -> Result
) async rethrows -> Result {
  let ticking = Task {
    while !Task.isCancelled {
      clock.advanceToNextDeadline()
      await Task.yield()
    }
  }
  defer { ticking.cancel() }
  return try await work()
}

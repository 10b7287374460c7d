extension Run {
  /// Performs an operation and looks for it again where its connection broke: its host continues without us.
  ///
  /// At once and then in pauses, half a minute in all, as a deploy does; one that is not repeatable is performed once. Throws
  /// what `perform` throws.
  package func attaching<Change: Operation>(_ change: Change) async throws(CallFailure) -> Change.Outcome? {
    let operation = try encoded(change)
    for attempt in 0..<Run.attachAttempts {
      do throws(CallFailure) {
        return try await perform(operation)
      } catch {
        let isCutOff = error.leavesUnknown && error.mark == nil
        guard Change.isRepeatable, isCutOff, isInDoubt(operation), !Task.isCancelled else { throw error }
        if attempt > 0 { try? await world.clock.sleep(for: Run.attachPause) }
      }
    }
    return try await perform(operation)
  }

  /// How often something whose connection broke is looked for.
  package static var attachAttempts: Int { 6 }
  package static var attachPause: Duration { .seconds(5) }
}

import Foundations
package import PrimitiveKit

extension LockStore {
  /// Locks all scopes, and waits at most `patience` for locks that end by themselves.
  ///
  /// Says once who is waited for. A lock that a person took by hand is never waited for. Throws `lock.refused` with every
  /// holder, `call.cancelled` and `journal.*`.
  package func acquire(
    _ request: LockRequest,
    waiting patience: Duration,
    clock: any Clock<Duration>,
    say: @Sendable (String) -> Void
  ) async throws(CallFailure) -> LeaseGrant {
    let elapsed = clock.stopwatch()
    return try await acquire(request, waiting: patience, clock: clock, elapsed: elapsed, say: say).grant
  }

  /// The same, with when the grant was asked for.
  func acquire(
    _ request: LockRequest,
    waiting patience: Duration,
    clock: any Clock<Duration>,
    elapsed: @Sendable () -> Duration,
    say: @Sendable (String) -> Void
  ) async throws(CallFailure) -> (grant: LeaseGrant, asked: Duration) {
    var isFirst = true
    while true {
      let asked = elapsed()
      // The first refusal and the last are recorded, not one a second.
      switch try await acquire(request, isQuiet: !isFirst && asked < patience) {
      case .granted(let grant): return (grant, asked)
      case .refused(let conflicts):
        guard asked < patience, !conflicts.contains(where: \.lease.isSticky) else { throw conflicts.failure }
        if isFirst { say("waiting up to \(patience.brief): \(conflicts.map(\.text).joined(separator: "; "))") }
        isFirst = false
      }
      do {
        try await clock.sleep(for: min(patience - asked, .seconds(1)))
      } catch {
        throw .cancelled
      }
    }
  }
}

package import PrimitiveKit
import Synchronization

/// Keeps a lease alive while its run goes on, and says when it can no longer be trusted.
///
/// Time is counted from before each renewal was asked for, on a clock that goes on while the process is stopped: the lease
/// never seems to last longer here than it does in the journal. Renewals end with `release`, or when the keeper is let go.
package final class LeaseKeeper: Sendable {
  /// What can be said of a lease.
  package enum State: Sendable, Equatable {
    case held
    /// Not renewed for some time: nothing new may start.
    case doubtful
    /// It has ended, or was broken; for good.
    case lost(CallFailure)
    case released
  }

  private let renewal: LeaseRenewal
  private let task: Task<Void, Never>

  private init(_ renewal: LeaseRenewal) {
    self.renewal = renewal
    task = Task { await renewal.run() }
  }

  deinit { task.cancel() }

  /// Takes a lease, waiting for others as `LockStore.acquire` does, and keeps it.
  ///
  /// `onDoubt` is called when nothing new may start for want of renewals, `onLost` once when it is lost, to pause the run.
  /// Throws `lock.refused`, `call.cancelled` and `journal.*`.
  package static func hold(
    _ request: LockRequest,
    in store: LockStore,
    waiting patience: Duration = .zero,
    clock: any Clock<Duration>,
    timing: LeaseTiming = .standard,
    say: @Sendable (String) -> Void = { _ in },
    onDoubt: @escaping @Sendable (CallFailure) async -> Void = { _ in },
    onLost: @escaping @Sendable (CallFailure) async -> Void
  ) async throws(CallFailure) -> LeaseKeeper {
    var request = request
    request.duration = timing.duration
    let elapsed = Stopwatch.start(clock)
    let (grant, asked) = try await store.acquire(request, waiting: patience, clock: clock, elapsed: elapsed, say: say)
    let renewal = LeaseRenewal(
      grant,
      asked: asked,
      store: store,
      clock: clock,
      timing: timing,
      elapsed: elapsed,
      onDoubt: onDoubt,
      onLost: onLost
    )
    return LeaseKeeper(renewal)
  }

  package var grant: LeaseGrant { renewal.grant }

  /// What can be said of the lease now: by the clock, not by what the background has noticed.
  package var state: State { renewal.state }

  /// Whether something new may be started.
  package var mayStart: Bool { state == .held }

  /// Throws `lock.lost` unless something new may be started.
  package func check() throws(CallFailure) {
    switch state {
    case .held: return
    case .doubtful: throw renewal.notRenewed
    case .lost(let failure): throw failure
    case .released: throw LeaseRenewal.failure("it was released")
    }
  }

  /// Ends the renewals and then the lease.
  ///
  /// Throws `journal.*`; the lease then ends by itself.
  package func release() async throws(CallFailure) {
    task.cancel()
    await task.value
    try await renewal.release()
  }
}

import Foundations
package import PrimitiveKit
import Synchronization

/// What a run holds: a lease that is kept alive while it runs, and that says when it can no longer be trusted.
///
/// Time is counted from before each renewal was asked for, on a clock that keeps running while the process is stopped: the lease
/// never seems to last longer here than it does in the journal. Renewals end with `release`, or when nobody has it any more.
package final class RunLock: Sendable {
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
  private let loss: LossSignal
  private let task: Task<Void, Never>

  private init(_ renewal: LeaseRenewal, _ loss: LossSignal) {
    self.renewal = renewal
    self.loss = loss
    task = Task { await renewal.run() }
  }

  deinit { task.cancel() }

  /// Takes a lease, waiting for others as `LockStore.acquire` does, and keeps it.
  ///
  /// `onDoubt` is called when nothing new may start for want of renewals, `onLost` once when it is lost, to pause the run;
  /// neither for a lease of a run on itself alone, until that is extended. Throws `lock.refused`, `call.cancelled` and `journal.*`.
  package static func hold(
    _ request: LockRequest,
    in store: LockStore,
    waiting patience: Duration = .zero,
    clock: any Clock<Duration>,
    timing: LeaseTiming = .standard,
    say: @Sendable (String) -> Void = { _ in },
    onDoubt: @escaping @Sendable (CallFailure) async -> Void = { _ in },
    onLost: @escaping @Sendable (CallFailure) async -> Void
  ) async throws(CallFailure) -> RunLock {
    var request = request
    request.duration = timing.duration
    let elapsed = clock.stopwatch()
    let (grant, asked) = try await store.acquire(request, waiting: patience, clock: clock, elapsed: elapsed, say: say)
    let loss = LossSignal(isBinding: grant.epoch != 0)
    let renewal = LeaseRenewal(
      grant,
      of: request,
      asked: asked,
      store: store,
      clock: clock,
      timing: timing,
      elapsed: elapsed,
      onDoubt: { failure in
        guard loss.isBinding else { return }
        // A lease that comes back later does not restart a run that has begun to drain.
        loss.happen(failure)
        await onDoubt(failure)
      },
      onLost: { failure in
        guard loss.isBinding else { return }
        loss.happen(failure)
        await onLost(failure)
      }
    )
    return RunLock(renewal, loss)
  }

  package var grant: LeaseGrant { renewal.grant }
  /// Which rows of the journal are its.
  package var claim: String { grant.claim }
  /// Grows with every grant; hosts refuse an older one.
  ///
  /// Nil where nothing but the run itself is leased.
  package var epoch: Int? { grant.epoch == 0 ? nil : grant.epoch }

  /// The time since the first grant was asked for: the run is no older, however often it was extended.
  package var age: Duration { renewal.age }

  /// Calls `body` once when nothing new may begin any more: for want of renewals, or because the lease is over.
  ///
  /// Not while it is a lease of a run on itself alone: that protects nothing, and whoever takes the run up is found at the
  /// next word in the journal.
  package func onLoss(_ body: @escaping @Sendable (CallFailure) -> Void) { loss.listen(body) }

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

  /// Locks more under the same claim, all or nothing, without waiting; the lease then has a newer epoch.
  ///
  /// One call at a time. A journal that fails is asked again while the lease is good, and `say` is told once. Throws
  /// `lock.lost` when the lease has ended, and `journal.*`.
  package func extend(
    by scopes: [LockScope],
    say: @Sendable (String) -> Void = { _ in }
  ) async throws(CallFailure) -> LockAnswer {
    try check()
    let answer = try await renewal.extend(by: scopes, say: say)
    if case .granted(let grant) = answer, grant.epoch != 0 { loss.bind() }
    return answer
  }

  /// Ends the renewals and then the lease.
  ///
  /// Throws `journal.*`; the lease then ends by itself.
  package func release() async throws(CallFailure) {
    task.cancel()
    await task.value
    try await renewal.release()
  }

  /// Releases it; what cannot be recorded ends by itself.
  package func giveBack() async { _ = try? await release() }
}

/// Tells of a loss once, whoever comes first: the loss or the listener.
private final class LossSignal: Sendable {
  private struct State {
    /// Whether the lease locks anything.
    var isBinding: Bool
    var failure: CallFailure?
    var listener: (@Sendable (CallFailure) -> Void)?
  }

  private let state: Mutex<State>

  init(isBinding: Bool) { state = Mutex(State(isBinding: isBinding)) }

  var isBinding: Bool { state.withLock { $0.isBinding } }

  func bind() { state.withLock { $0.isBinding = true } }

  func happen(_ failure: CallFailure) {
    let listener = state.withLock { state in
      guard state.failure == nil else { return nil as (@Sendable (CallFailure) -> Void)? }
      state.failure = failure
      return state.listener
    }
    listener?(failure)
  }

  func listen(_ body: @escaping @Sendable (CallFailure) -> Void) {
    let failure = state.withLock { state in
      state.listener = body
      return state.failure
    }
    if let failure { body(failure) }
  }
}

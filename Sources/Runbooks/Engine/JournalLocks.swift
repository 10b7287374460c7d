package import Journal
package import PrimitiveKit
import Synchronization

/// Locks that live as leases in the journal.
package struct JournalLocks: LockKeeper {
  private let store: LockStore
  private let holder: LockHolder
  private let clock: any Clock<Duration>
  private let timing: LeaseTiming
  private let patience: Duration
  private let dialogue: any Dialogue

  /// Waits for the locks of other runs for `patience`, never for a person's.
  package init(
    store: LockStore,
    holder: LockHolder,
    clock: any Clock<Duration>,
    timing: LeaseTiming,
    patience: Duration,
    dialogue: any Dialogue
  ) {
    self.store = store
    self.holder = holder
    self.clock = clock
    self.timing = timing
    self.patience = patience
    self.dialogue = dialogue
  }

  package func acquire(_ scopes: [LockScope], run: String, reason: String) async throws(CallFailure) -> any HeldLock {
    let loss = LossSignal()
    let dialogue = dialogue
    let keeper = try await LeaseKeeper.hold(
      request(scopes, run: run, reason: reason),
      in: store,
      waiting: patience,
      clock: clock,
      timing: timing,
      say: { dialogue.say("  \($0)") },
      // A lease that comes back later does not restart a run that has begun to drain.
      onDoubt: { loss.happen($0) },
      onLost: { failure in
        dialogue.alert("the lock of run \(run) is lost: \(failure.message)")
        loss.happen(failure)
      }
    )
    return JournalLock(keeper: keeper, loss: loss)
  }

  package func conflicts(_ scopes: [LockScope], except run: String) async throws(CallFailure) -> [String] {
    let request = request(scopes, run: run, reason: "")
    return try await store.conflicts(with: scopes, except: request.claim).map(\.text)
  }

  package func liveClaims() async throws(CallFailure) -> [String] { try await store.list().map(\.claim) }

  // A claim names one holding: a resumed run has a new one, and with it a new epoch.
  private func request(_ scopes: [LockScope], run: String, reason: String) -> LockRequest {
    LockRequest(
      scopes: scopes,
      claim: "\(run).\(holder.boot.prefix(8)).\(holder.pid).\(holder.startTicks)",
      holder: holder,
      run: run,
      reason: reason,
      duration: timing.duration
    )
  }
}

/// One lease that is kept alive.
private struct JournalLock: HeldLock {
  let keeper: LeaseKeeper
  let loss: LossSignal

  var claim: String { keeper.grant.claim }
  var epoch: Int { keeper.grant.epoch }
  var wasTakenOver: Bool { !keeper.grant.takenOver.isEmpty }

  func onLoss(_ body: @escaping @Sendable (CallFailure) -> Void) { loss.listen(body) }

  // A lease that cannot be given back ends by itself.
  func release() async { try? await keeper.release() }
}

/// Tells of a loss once, whoever comes first: the loss or the listener.
private final class LossSignal: Sendable {
  private struct State {
    var failure: CallFailure?
    var listener: (@Sendable (CallFailure) -> Void)?
  }

  private let state = Mutex(State())

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

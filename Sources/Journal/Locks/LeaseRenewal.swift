import Foundations
import PrimitiveKit
import Synchronization

/// The work behind a `RunLock`: renews, watches the clock, and remembers the outcome of the lease.
final class LeaseRenewal: Sendable {
  private struct Facts {
    /// When the last successful renewal was asked for.
    var renewed: Duration
    /// Whether the run was told that nothing new may start.
    var isDoubted = false
    var grant: LeaseGrant
    /// Whether more is being asked for: then the journal may have a newer epoch than is known here.
    var isExtending = false
    /// Whether the journal failed while more was asked for: it may have granted that all the same.
    var isUncertain = false
    var end: RunLock.State?
  }

  private let request: LockRequest
  private let store: LockStore
  private let clock: any Clock<Duration>
  private let timing: LeaseTiming
  private let elapsed: @Sendable () -> Duration
  private let onDoubt: @Sendable (CallFailure) async -> Void
  private let onLost: @Sendable (CallFailure) async -> Void
  private let facts: Mutex<Facts>
  /// When the first grant was asked for.
  private let began: Duration

  /// `asked` is when the grant was asked for, by `elapsed`.
  init(
    _ grant: LeaseGrant,
    of request: LockRequest,
    asked: Duration,
    store: LockStore,
    clock: any Clock<Duration>,
    timing: LeaseTiming,
    elapsed: @escaping @Sendable () -> Duration,
    onDoubt: @escaping @Sendable (CallFailure) async -> Void,
    onLost: @escaping @Sendable (CallFailure) async -> Void
  ) {
    self.request = request
    self.store = store
    self.clock = clock
    self.timing = timing
    self.elapsed = elapsed
    self.onDoubt = onDoubt
    self.onLost = onLost
    began = asked
    facts = Mutex(Facts(renewed: asked, grant: grant))
  }

  var grant: LeaseGrant { facts.withLock { $0.grant } }

  /// The time since the first grant was asked for.
  var age: Duration { elapsed() - began }

  var state: RunLock.State {
    facts.withLock { facts in
      if let end = facts.end { return end }
      let age = elapsed() - facts.renewed
      if age >= timing.duration { return .lost(LeaseRenewal.expired) }
      return age >= timing.startLimit ? .doubtful : .held
    }
  }

  /// Renews and watches until the lease is lost or the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.renew() }
      // Apart from the renewals, because one of them may hang.
      group.addTask { await self.watch() }
      await group.next()
      group.cancelAll()
    }
  }

  /// A journal that does not answer is asked again for as long as the lease is good; `say` is told once.
  func extend(by scopes: [LockScope], say: @Sendable (String) -> Void) async throws(CallFailure) -> LockAnswer {
    var request = request
    request.scopes = scopes
    facts.withLock { $0.isExtending = true }
    defer { facts.withLock { $0.isExtending = false } }
    var isFirst = true
    while true {
      let failure: CallFailure
      do throws(CallFailure) {
        return try await extend(request)
      } catch {
        guard error.failureClass == .journal, error.mark == nil else { throw error }
        failure = error
      }
      facts.withLock { $0.isUncertain = true }
      if isFirst { say("\(failure.message); retrying while the lock is valid") }
      isFirst = false
      do { try await clock.sleep(for: timing.retry) } catch { throw .cancelled }
      if state != .held { throw failure }
    }
  }

  private func extend(_ request: LockRequest) async throws(CallFailure) -> LockAnswer {
    let asked = elapsed()
    try await adopt()
    let answer = try await store.acquire(request, extending: grant.epoch)
    if case .granted(let grant) = answer {
      facts.withLock { facts in
        facts.grant = grant
        facts.renewed = max(facts.renewed, asked)
        // What is held from here on was never in doubt.
        facts.isDoubted = false
      }
    }
    return answer
  }

  /// Takes over what the journal granted while it seemed to fail; false when there is nothing of that kind.
  @discardableResult
  private func adopt() async throws(CallFailure) -> Bool {
    guard facts.withLock({ $0.isUncertain }) else { return false }
    let lease = try await store.list().first { $0.claim == request.claim }
    return facts.withLock { facts in
      facts.isUncertain = false
      guard let lease, lease.epoch > facts.grant.epoch else { return false }
      facts.grant = LeaseGrant(claim: lease.claim, epoch: lease.epoch, scopes: lease.scopes, takenOver: [])
      return true
    }
  }

  func release() async throws(CallFailure) {
    finish(.released)
    try await store.release(grant.claim)
  }

  private func renew() async {
    var next = facts.withLock { $0.renewed } + timing.renewal
    while await sleep(until: next) {
      let asked = elapsed()
      let grant = grant
      do throws(CallFailure) {
        guard try await store.renew(grant.claim, epoch: grant.epoch, for: timing.duration) else {
          // Extended meanwhile, it has another epoch.
          if facts.withLock({ $0.isExtending || $0.grant.epoch != grant.epoch }) {
            next = elapsed() + timing.retry
            continue
          }
          if try await adopt() { continue }
          return lose(LeaseRenewal.failure("it expired, or somebody broke it"))
        }
        facts.withLock { facts in
          facts.renewed = asked
          facts.isDoubted = false
        }
        next = asked + timing.renewal
      } catch {
        next = elapsed() + timing.retry
      }
    }
  }

  private func watch() async {
    while true {
      let renewed = facts.withLock { $0.renewed }
      let age = elapsed() - renewed
      if age >= timing.duration { return lose(LeaseRenewal.expired) }
      let isDoubtful = age >= timing.startLimit
      if isDoubtful { doubt() }
      guard await sleep(until: renewed + (isDoubtful ? timing.duration : timing.startLimit)) else { return }
    }
  }

  private func doubt() {
    let isNew = facts.withLock { facts in
      defer { facts.isDoubted = true }
      return !facts.isDoubted
    }
    guard isNew else { return }
    let failure = notRenewed
    Task { [onDoubt] in await onDoubt(failure) }
  }

  /// The failure of a start while the lease is in doubt.
  var notRenewed: CallFailure { LeaseRenewal.failure("it has not been renewed for \(timing.startLimit.brief)") }

  // False when the task is cancelled or the lease has ended.
  private func sleep(until time: Duration) async -> Bool {
    let left = time - elapsed()
    if left > .zero {
      do { try await clock.sleep(for: left) } catch { return false }
    }
    return !Task.isCancelled && facts.withLock { $0.end == nil }
  }

  private func lose(_ failure: CallFailure) {
    guard finish(.lost(failure)) else { return }
    // Apart from this task, which the pause of the run may want to end.
    Task { [onLost] in await onLost(failure) }
  }

  // False when it had ended before.
  @discardableResult
  private func finish(_ end: RunLock.State) -> Bool {
    facts.withLock { facts in
      guard facts.end == nil else { return false }
      facts.end = end
      return true
    }
  }

  private static let expired = failure("it was not renewed in time")

  static func failure(_ reason: String) -> CallFailure {
    CallFailure(
      .journal,
      .lockLost,
      code: "lock.lost",
      message: "the lock is lost: \(reason)",
      hint: "somebody else may be working there: check with `locks()`, then resume to take the lock again"
    )
  }
}

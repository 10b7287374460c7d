package import PrimitiveKit

/// What somebody wants to lock.
package struct LockRequest: Sendable {
  package var scopes: [LockScope]
  /// Names the lease; the same claim again is the same lease.
  package var claim: String
  package var holder: LockHolder
  package var run: String?
  package var reason: String
  /// A person's lock: it stays until it is released or broken.
  package var isSticky: Bool
  /// How long the lease lasts without renewal; sticky ones do not end.
  package var duration: Duration
  /// Whether epochs of its scopes that are far ahead of the clock are forgotten (`LockStore.resetEpochs`).
  var resetsEpochs = false
  /// The run in which a person takes it by hand: what that run holds does not keep them out.
  package var within: String?

  package init(
    scopes: [LockScope],
    claim: String,
    holder: LockHolder,
    run: String? = nil,
    reason: String = "",
    isSticky: Bool = false,
    duration: Duration = LeaseTiming.standard.duration
  ) {
    self.scopes = scopes
    self.claim = claim
    self.holder = holder
    self.run = run
    self.reason = reason
    self.isSticky = isSticky
    self.duration = duration
  }
}

package import PrimitiveKit

/// Takes locks for runs and keeps them alive.
package protocol LockKeeper: Sendable {
  /// Takes all of the scopes or none and renews them until they are released.
  ///
  /// Throws `lock.refused` naming every holder.
  func acquire(_ scopes: [LockScope], run: String, reason: String) async throws(CallFailure) -> any HeldLock

  /// Who holds what these scopes need, one line each; empty when they are free. Takes nothing.
  func conflicts(_ scopes: [LockScope], except run: String) async throws(CallFailure) -> [String]

  /// The claims whose holders are alive, as far as the journal knows.
  func liveClaims() async throws(CallFailure) -> [String]
}

/// A lock that a run holds.
package protocol HeldLock: Sendable {
  /// Which rows of the journal are this lock's.
  var claim: String { get }
  /// Grows with every grant; hosts refuse an older one.
  var epoch: Int { get }
  /// Whether somebody's lease expired for this: hosts are told of the new epoch before anything else.
  var wasTakenOver: Bool { get }

  /// Calls `body` once when nothing new may begin any more: 45 s without a renewal, or the lease is over.
  func onLoss(_ body: @escaping @Sendable (CallFailure) -> Void)

  /// Gives it back.
  func release() async
}

package import PrimitiveKit

/// The locks of one claim; times are milliseconds since 1970 by the journal's clock.
package struct Lease: Sendable, Equatable {
  package let claim: String
  package let epoch: Int
  /// What it locks, with the intents above, in order of path.
  package let scopes: [LockScope]
  package let holder: LockHolder
  package let run: String?
  package let reason: String
  package let isSticky: Bool
  package let acquiredAt: Int64
  /// Sticky ones do not end.
  package let expiresAt: Int64

  /// What it locks for itself; the intents only follow from that.
  ///
  /// Empty for a run's lease on itself alone.
  package var ownScopes: [LockScope] {
    let locks = scopes.filter { !$0.isRun }
    let own = locks.filter { $0.mode == .exclusive || $0.mode == .shared }
    return own.isEmpty ? locks : own
  }

  package func isExpired(at now: Int64) -> Bool { !isSticky && expiresAt <= now }
}

/// A lease that was given.
package struct LeaseGrant: Sendable, Equatable {
  package let claim: String
  /// Greater than that of every lease given before on any of its scopes; 0 for a run's lease on itself alone.
  package let epoch: Int
  /// What it locks, with the intents above.
  package let scopes: [LockScope]
  /// Leases that stood in the way and were over: their runs were interrupted.
  package let takenOver: [Lease]
  /// How far the epoch is ahead of the journal's clock: one second for each grant that came within the second of the last.
  package var lead: Duration = .zero

  /// How far it is ahead, where that is more than quick grants explain: a clock was wrong.
  package var ahead: Duration? { lead > .seconds(Epoch.tolerance) ? lead : nil }
}

/// The answer to a request.
package enum LockAnswer: Sendable, Equatable {
  case granted(LeaseGrant)
  /// Everybody who holds something that excludes it; nothing was locked.
  case refused([LockConflict])
}

package import PrimitiveKit

extension LockStore {
  /// Locks scopes by hand until they are released or broken.
  ///
  /// Taken again by the same person it only gets the new reason; `within` is the run in which it is taken. Throws `lock.refused`, `lock.reason` without a reason, and
  /// `journal.*`.
  package func take(
    _ scopes: [LockScope],
    claim: String,
    holder: LockHolder,
    reason: String,
    within run: String? = nil
  ) async throws(CallFailure) -> LeaseGrant {
    try LockStore.require(reason, of: "lock.take")
    let complete = LockRules.complete(scopes)
    var request = LockRequest(scopes: scopes, claim: claim, holder: holder, reason: reason, isSticky: true)
    request.within = run
    let wanted = request
    // One transaction: nobody comes between the old lock and the new one, and a refusal leaves the old one.
    let answer = try await database.transaction { (session) async throws(CallFailure) -> LockAnswer in
      let table = LeaseTable(session: session)
      let mine = try await table.all().first { lease in
        lease.isSticky && lease.scopes == complete && lease.holder.isSamePerson(as: holder)
      }
      if let mine {
        try await table.remove(mine.claim)
        try await write(.released(mine), session)
      }
      return try await decide(wanted, isQuiet: false, session)
    }
    switch answer {
    case .granted(let grant): return grant
    case .refused(let conflicts): throw conflicts.failure
    }
  }

  /// Ends the locks that a person of this name took by hand on exactly this path.
  ///
  /// Throws `lock.not_held`, which names the holder where there is one, and `journal.*`.
  package func release(_ path: LockScope, of operatorName: String) async throws(CallFailure) -> [Lease] {
    try await database.transaction { (session) async throws(CallFailure) -> [Lease] in
      let table = LeaseTable(session: session)
      let held = try await table.all().filter { lease in lease.ownScopes.contains { $0.path == path.path } }
      let mine = held.filter { $0.isSticky && $0.holder.operatorName == operatorName }
      guard !mine.isEmpty else {
        let holders = held.map(\.holder.name).joined(separator: ", ")
        throw CallFailure(
          .refused,
          code: "lock.not_held",
          message: "you hold no lock on \(path)\(held.isEmpty ? "" : ": it is held by \(holders)")",
          hint: held.isEmpty ? "see who holds what with `locks()`" : "take it from them, with a reason: lock.break{…}"
        )
      }
      for lease in mine {
        try await table.remove(lease.claim)
        try await write(.released(lease), session)
      }
      return mine
    }
  }

  /// Takes the locks on exactly this path, or of this claim, away from whoever holds them; answers them.
  ///
  /// `spokeTo` names who agreed: needed for a lock that another person took by hand. Throws `lock.reason`, `lock.sticky`,
  /// `lock.not_held` and `journal.*`.
  package func breakLock(
    _ target: LockTarget,
    by holder: LockHolder,
    reason: String,
    spokeTo: String = ""
  ) async throws(CallFailure) -> [Lease] {
    try LockStore.require(reason, of: "lock.break")
    return try await database.transaction { (session) async throws(CallFailure) -> [Lease] in
      let table = LeaseTable(session: session)
      let all = try await table.all()
      let found = all.filter(target.matches)
      guard !found.isEmpty else {
        throw CallFailure(
          .refused,
          code: "lock.not_held",
          message: "no lock is held on \(target)",
          hint: all.isEmpty
            ? "there are no locks"
            : "held locks: \(all.flatMap(\.ownScopes).map(\.description).joined(separator: ", "))"
        )
      }
      for lease in found {
        try LockStore.require(spokeTo, for: lease, by: holder)
        try await table.remove(lease.claim)
        try await write(.broken(lease, reason: reason, spokeTo: spokeTo), session)
      }
      return found
    }
  }

  package static func require(_ reason: String, of call: String) throws(CallFailure) {
    guard reason.allSatisfy(\.isWhitespace) else { return }
    throw CallFailure(
      .invalid,
      code: "lock.reason",
      message: "\(call) needs a reason",
      hint: "say why in a few words; everybody who runs into the lock will see them"
    )
  }

  private static func require(_ spokeTo: String, for lease: Lease, by holder: LockHolder) throws(CallFailure) {
    guard lease.isSticky, lease.holder.operatorName != holder.operatorName, spokeTo.allSatisfy(\.isWhitespace) else {
      return
    }
    let name = lease.holder.operatorName
    let why = lease.reason.isEmpty ? "" : ": \(lease.reason)"
    throw CallFailure(
      .refused,
      code: "lock.sticky",
      message: "\(lease.holder.name) took this lock by hand\(why)",
      hint: "talk to \(name) first, then add spoke_to = \"\(name)\""
    )
  }
}

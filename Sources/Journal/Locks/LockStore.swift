import Foundations
package import PrimitiveKit

/// Locks as rows of the journal's database: one winner whoever asks, and epochs that grow with every grant.
///
/// A lease lasts a minute and is renewed; hosts refuse an epoch lower than one they have seen, so a holder that lost its
/// lease without noticing changes nothing (DESIGN section 6). Every time is the database's; every grant, refusal and end is an
/// audit record of the same transaction.
package struct LockStore: Sendable {
  /// Adds an audit record in a transaction and answers its place.
  package typealias Audit =
    @Sendable (_ event: String, _ run: String?, _ body: Value, any DatabaseSession) async throws(CallFailure) -> Int64

  let database: any Database
  /// The low 16 bits of every epoch; see `Epoch`.
  let tag: Int
  /// Whether epochs must agree with their audit records.
  let isChained: Bool
  private let audit: Audit
  private let isGone: @Sendable (LockHolder) -> Bool

  /// The locks in a database that has the journal's tables; `isGone` says that a holder's process has provably ended.
  package init(
    _ database: any Database,
    tag: Int,
    isChained: Bool = false,
    audit: @escaping Audit,
    isGone: @escaping @Sendable (LockHolder) -> Bool = { ProcessTable.isGone($0) }
  ) {
    self.database = database
    self.tag = tag
    self.isChained = isChained
    self.audit = audit
    self.isGone = isGone
  }

  /// Locks all scopes or none.
  ///
  /// The same claim again keeps its epoch, unless it asks for more than it has. Refusals are written to the audit unless
  /// `isQuiet`. With `extending` the claim must still be alive under that epoch, else this throws `lock.lost`. Throws
  /// `journal.*`.
  package func acquire(
    _ request: LockRequest,
    isQuiet: Bool = false,
    extending epoch: Int? = nil
  ) async throws(CallFailure) -> LockAnswer {
    try await database.transaction { (session) async throws(CallFailure) -> LockAnswer in
      try await decide(request, isQuiet: isQuiet, extending: epoch, session)
    }
  }

  func decide(
    _ request: LockRequest,
    isQuiet: Bool,
    extending epoch: Int? = nil,
    _ session: any DatabaseSession
  ) async throws(CallFailure) -> LockAnswer {
    let table = LeaseTable(session: session)
    let now = try await session.now()
    // First what is over: a lease that has ended must not be counted against anybody.
    let (live, over) = try await drop(table, now)
    let mine = live.first { $0.claim == request.claim }
    if let epoch, mine?.epoch != epoch { throw LeaseRenewal.failure("it expired, or somebody broke it") }
    let wanted = LockRules.complete(request.scopes + (mine?.scopes ?? []))
    let others = live.filter { $0.claim != request.claim && !admits($0, request) }
    let conflicts = others.compactMap { lease in
      LockRules.clash(of: lease, with: wanted).map { LockConflict(lease, wanted: $0, now: now) }
    }
    guard conflicts.isEmpty else {
      if !isQuiet { try await write(.refused(request, conflicts), session) }
      return .refused(conflicts)
    }
    let end = request.isSticky ? .max : now + request.duration.milliseconds
    let epochs = EpochGrants(store: self, session: session, now: now)
    if let mine, mine.scopes == wanted, mine.isSticky == request.isSticky {
      try await epochs.confirm(mine)
      _ = try await table.extend(mine.claim, epoch: mine.epoch, to: end, now: now)
      return .granted(LeaseGrant(claim: mine.claim, epoch: mine.epoch, scopes: wanted, takenOver: []))
    }
    let next = try await epochs.next(for: wanted, isReset: request.resetsEpochs)
    let lease = Lease(
      claim: request.claim,
      epoch: next.epoch,
      scopes: wanted,
      holder: request.holder,
      run: request.run,
      reason: request.reason,
      isSticky: request.isSticky,
      acquiredAt: now,
      expiresAt: end
    )
    try await table.put(lease)
    let takenOver = over.filter { $0.claim != request.claim && LockRules.clash(of: $0, with: wanted) != nil }
    let event: LockEvent =
      request.resetsEpochs
      ? .reset(lease, known: next.known, clock: now) : .granted(lease, takenOver, known: next.known)
    try await epochs.keep(next, of: wanted, isReset: request.resetsEpochs, seq: try await write(event, session))
    return .granted(
      LeaseGrant(
        claim: lease.claim,
        epoch: lease.epoch,
        scopes: wanted,
        takenOver: takenOver,
        lead: lease.epoch == 0 ? .zero : .seconds(Epoch(lease.epoch).seconds - Int(now / 1000))
      )
    )
  }

  // A person who took a lock by hand works behind it, and who takes one in a run is not kept out by that run.
  private func admits(_ lease: Lease, _ request: LockRequest) -> Bool {
    if lease.isSticky { return lease.holder.isSamePerson(as: request.holder) }
    return lease.run != nil && lease.run == request.within && lease.holder.isSamePerson(as: request.holder)
  }

  private func drop(_ table: LeaseTable, _ now: Int64) async throws(CallFailure) -> (live: [Lease], over: [Lease]) {
    var live: [Lease] = []
    var over: [Lease] = []
    for lease in try await table.all() {
      let isExpired = lease.isExpired(at: now)
      guard isExpired || (!lease.isSticky && isGone(lease.holder)) else {
        live.append(lease)
        continue
      }
      try await table.remove(lease.claim)
      try await write(.expired(lease, isExpired ? "not renewed" : "its process has ended"), table.session)
      over.append(lease)
    }
    return (live, over)
  }

  /// Lets a live lease last longer; false when it has ended, was broken or is another's by now.
  ///
  /// Throws `journal.*`.
  package func renew(_ claim: String, epoch: Int, for duration: Duration) async throws(CallFailure) -> Bool {
    try await database.transaction { (session) async throws(CallFailure) -> Bool in
      let now = try await session.now()
      let end = now + duration.milliseconds
      return try await LeaseTable(session: session).extend(claim, epoch: epoch, to: end, now: now)
    }
  }

  /// Ends a lease; false when it had ended before.
  ///
  /// Throws `journal.*`.
  @discardableResult
  package func release(_ claim: String) async throws(CallFailure) -> Bool {
    try await database.transaction { (session) async throws(CallFailure) -> Bool in
      let table = LeaseTable(session: session)
      guard let lease = try await table.all().first(where: { $0.claim == claim }) else { return false }
      try await table.remove(claim)
      try await write(.released(lease), session)
      return true
    }
  }

  /// The leases that hold something now, by claim; those that have ended are left out.
  ///
  /// Throws `journal.*`.
  package func list() async throws(CallFailure) -> [Lease] {
    try await database.reading { (session) async throws(CallFailure) -> [Lease] in
      let now = try await session.now()
      return try await LeaseTable(session: session).all().filter { lease in
        !lease.isExpired(at: now) && (lease.isSticky || !isGone(lease.holder))
      }
    }
  }

  @discardableResult
  func write(_ event: LockEvent, _ session: any DatabaseSession) async throws(CallFailure) -> Int64 {
    try await audit(event.name, event.run, event.body, session)
  }

  @discardableResult
  func write(_ event: String, _ body: Value, _ session: any DatabaseSession) async throws(CallFailure) -> Int64 {
    try await audit(event, nil, body, session)
  }
}

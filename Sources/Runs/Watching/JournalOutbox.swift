import Foundations
package import Journal
package import PrimitiveKit

/// What is to be told, in the journal, and the lease of whoever watches.
package struct JournalOutbox: Outbox {
  private let registry: RegistryOpener
  private let hasJournal: @Sendable () -> Bool
  private let clock: any Clock<Duration>
  private let timing: LeaseTiming

  /// `hasJournal` says whether there is one already: to look, none is made.
  package init(
    registry: RegistryOpener,
    hasJournal: @escaping @Sendable () -> Bool,
    clock: any Clock<Duration>,
    timing: LeaseTiming
  ) {
    self.registry = registry
    self.hasJournal = hasJournal
    self.clock = clock
    self.timing = timing
  }

  /// Nothing of the fleet is locked by it: watching and changing do not keep each other out.
  private static let scope = LockScope(path: ["run", "watch"], mode: .exclusive)

  package var lease: Duration { timing.duration }

  package func lead() async throws(CallFailure) -> LeadAnswer {
    let journal = try await registry.open().journal
    if let obstacle = await journal.obstacle() { throw obstacle }
    let holder = LockHolder(journal.identity)
    let request = LockRequest(
      scopes: [JournalOutbox.scope],
      claim: "watch.\(holder.host).\(holder.boot.prefix(8)).\(holder.pid).\(holder.startTicks)",
      holder: holder,
      reason: "opsh watch",
      duration: timing.duration
    )
    let store = LockStore(journal)
    // Whoever waits asks every few seconds: that is nothing for the audit.
    if case .refused(let conflicts) = try await store.acquire(request, isQuiet: true) {
      return .follows(conflicts.first?.lease.holder.name ?? "somebody")
    }
    let lock = try await RunLock.hold(request, in: store, clock: clock, timing: timing, onLost: { _ in })
    try await journal.openOutbox()
    return .leads(Lead(claim: request.claim, isHeld: { lock.mayStart }, release: { await lock.giveBack() }))
  }

  package func alerts() async throws(CallFailure) -> [Alert] { try await journal().alerts() }

  package func post(_ change: AlertChange, by lead: Lead) async throws(CallFailure) {
    guard !change.isEmpty else { return }
    try await journal().post(change, claim: lead.claim)
  }

  package func claim(
    for notifier: String,
    at now: Int64,
    until end: Int64,
    limit: Int,
    by lead: Lead
  ) async throws(CallFailure) -> [ClaimedNotice] {
    try await journal().claimNotices(for: notifier, at: now, until: end, limit: limit, claim: lead.claim)
  }

  package func delivered(_ id: String, at now: Int64) async throws(CallFailure) {
    try await journal().noticeDelivered(id, at: now)
  }

  package func undelivered(_ id: String, why: String, until next: Int64) async throws(CallFailure) {
    try await journal().noticeUndelivered(id, why: why, until: next)
  }

  package func backlog() async throws(CallFailure) -> Backlog? {
    guard hasJournal() else { return nil }
    let journal = try await journal()
    return try await journal.hasOutbox() ? try await journal.backlog() : nil
  }

  private func journal() async throws(CallFailure) -> Journal { try await registry.open().journal }
}

/// Keeps what somebody is to be told until they were told.
///
/// What is given to it is durable when the call returns. Every method throws `journal.*`; those that take a lead throw
/// `lock.lost` once somebody else has it, and have then changed nothing.
package protocol Outbox: Sendable {
  /// For how long one who was killed still leads at most.
  var lease: Duration { get }

  /// Asks to be the one who watches: of several processes on one journal only one does.
  func lead() async throws(CallFailure) -> LeadAnswer

  /// What notifiers were told and is not over.
  func alerts() async throws(CallFailure) -> [Alert]

  /// Keeps alerts and adds notices, all or nothing; a notice whose id is known is not added again.
  func post(_ change: AlertChange, by lead: Lead) async throws(CallFailure)

  /// Takes notices that are due at `now`, of each line the oldest, so that nobody else sends them until `end`.
  func claim(for notifier: String, at now: Int64, until end: Int64, limit: Int, by lead: Lead) async throws(CallFailure)
    -> [ClaimedNotice]

  /// Says that a notice was delivered.
  func delivered(_ id: String, at now: Int64) async throws(CallFailure)

  /// Says that a notice was not delivered, and when to try again.
  func undelivered(_ id: String, why: String, until next: Int64) async throws(CallFailure)

  /// What waits; nil where nothing was ever kept.
  func backlog() async throws(CallFailure) -> Backlog?
}

/// The right to watch.
package struct Lead: Sendable {
  /// Names it in the journal.
  package let claim: String
  /// Whether it is held beyond doubt.
  package let isHeld: @Sendable () -> Bool
  /// Gives it back.
  package let release: @Sendable () async -> Void

  package init(
    claim: String,
    isHeld: @escaping @Sendable () -> Bool,
    release: @escaping @Sendable () async -> Void
  ) {
    self.claim = claim
    self.isHeld = isHeld
    self.release = release
  }
}

package enum LeadAnswer: Sendable {
  case leads(Lead)
  /// Somebody else does, for example `anna@ops1[4711]`.
  case follows(String)
}

/// A notice that this process sends now.
package struct ClaimedNotice: Sendable, Equatable {
  package let notice: Notice
  /// How often it was tried before.
  package let attempts: Int

  package init(_ notice: Notice, attempts: Int) {
    self.notice = notice
    self.attempts = attempts
  }
}

/// What was not delivered yet; times are milliseconds since 1970.
package struct Backlog: Sendable, Equatable {
  /// Their number, by notifier.
  package let waiting: [String: Int]
  /// When the oldest was made, by notifier.
  package let oldest: [String: Int64]
  /// Why the last one that failed was not delivered; empty when none failed.
  package let problem: String

  package init(waiting: [String: Int], oldest: [String: Int64], problem: String) {
    self.waiting = waiting
    self.oldest = oldest
    self.problem = problem
  }
}

/// Keeps nothing and lets nobody watch: of a session without a journal.
package struct NoOutbox: Outbox {
  package init() {}

  package var lease: Duration { .zero }

  private var missing: CallFailure {
    CallFailure(
      .journal,
      code: "journal.unavailable",
      message: "there is no journal, so what is to be told cannot be kept",
      hint: "give a site with `--site FILE` or $OPSH_SITE"
    )
  }

  package func lead() async throws(CallFailure) -> LeadAnswer { throw missing }
  package func alerts() async throws(CallFailure) -> [Alert] { [] }
  package func post(_ change: AlertChange, by lead: Lead) async throws(CallFailure) { throw missing }
  package func claim(
    for notifier: String,
    at now: Int64,
    until end: Int64,
    limit: Int,
    by lead: Lead
  ) async throws(CallFailure) -> [ClaimedNotice] { [] }
  package func delivered(_ id: String, at now: Int64) async throws(CallFailure) {}
  package func undelivered(_ id: String, why: String, until next: Int64) async throws(CallFailure) {}
  package func backlog() async throws(CallFailure) -> Backlog? { nil }
}

extension Surroundings {
  private enum OutboxKey: SurroundingsKey {
    static var fallback: any Outbox { NoOutbox() }
  }

  /// What is to be told, until it was.
  package var outbox: any Outbox {
    get { self[OutboxKey.self] }
    set { self[OutboxKey.self] = newValue }
  }
}

import Foundations
package import Journal
package import PrimitiveKit
import Synchronization

/// Takes the locks of runs, as leases in the journal that are kept alive.
package struct RunLocks: Sendable {
  private let store: LockStore
  private let holder: LockHolder
  private let clock: any Clock<Duration>
  private let timing: LeaseTiming
  private let patience: Duration
  private let dialogue: any Dialogue
  private let asked = AskedScopes()

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

  /// Takes all of the scopes or none, and a lease of the run on itself, and renews them until they are released.
  ///
  /// Without scopes only the run itself is leased, so that everybody sees whether it lives. Throws `lock.refused` naming every
  /// holder.
  package func acquire(_ scopes: [LockScope], run: String, reason: String) async throws(CallFailure) -> RunLock {
    let dialogue = dialogue
    let lock = try await RunLock.hold(
      request(scopes + [.run(run)], run: run, reason: reason),
      in: store,
      waiting: patience,
      clock: clock,
      timing: timing,
      say: { dialogue.say("  \($0)") },
      onLost: { dialogue.alert("run \(run): \($0.message)") }
    )
    // A script that locks one host many times a second would run so far ahead that other hosts refuse its epoch.
    if lock.grant.ahead == nil, lock.grant.lead > RunLocks.longestLead { _ = try? await clock.sleep(for: .seconds(1)) }
    if let ahead = lock.grant.ahead {
      dialogue.say(
        "  the epoch of this lock is \(ahead.brief) ahead of the journal's clock: a clock was wrong. "
          + "Hosts that never saw such an epoch refuse it; lock.reset_epoch{…} repairs it"
      )
    }
    return lock
  }

  // Well below what hosts tolerate.
  private static let longestLead = Duration.seconds(120)

  /// Who holds what these scopes need, one line each; empty when they are free.
  ///
  /// Takes nothing.
  package func conflicts(_ scopes: [LockScope], except run: String) async throws(CallFailure) -> [String] {
    let request = request(scopes, run: run, reason: "")
    return try await store.conflicts(with: scopes, except: request.claim).map(\.text)
  }

  /// The claims whose holders are alive, as far as the journal knows.
  package func liveClaims() async throws(CallFailure) -> [String] { try await store.list().map(\.claim) }

  /// Asks hosts and databases that this journal never locked for the epoch they obeyed, so that its first grant is above.
  ///
  /// Those that do not say are named and asked again before the next grant, by whatever process; named are also epochs too
  /// far ahead of the clock to be believed.
  func learnEpochs(
    of scopes: [LockScope],
    above: [LockScope],
    _ ask: @Sendable ([LockScope]) async -> SeenEpochs
  ) async throws(CallFailure) {
    let new = try await store.unknown(of: asked.new(scopes))
    let found = new.isEmpty ? SeenEpochs() : await ask(new)
    asked.add(scopes.filter { !found.silent.contains($0) })
    let silent = new.filter(found.silent.contains)
    if !silent.isEmpty {
      try await store.leaveUnasked(silent)
      dialogue.say(
        "  \(silent.folded) did not report the epoch obeyed there; this lock may be refused, and the next asks again"
      )
    }
    if found.seen.isEmpty { return }
    let absurd = try await store.learn(found.seen, above: above)
    if absurd.isEmpty { return }
    let names = absurd.folded
    dialogue.say(
      "  \(names): the epoch there is far ahead of the journal's clock, so changes are refused; "
        + "lock.reset_epoch{ on = \"\(names)\", reason = … } repairs it"
    )
  }

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

/// What this process knows to have an epoch in the journal, so that not every call looks there.
private final class AskedScopes: Sendable {
  private let scopes = Mutex<Set<LockScope>>([])

  /// Those that are not known yet.
  func new(_ some: [LockScope]) -> [LockScope] { scopes.withLock { known in some.filter { !known.contains($0) } } }

  func add(_ some: [LockScope]) { scopes.withLock { $0.formUnion(some) } }
}

extension [LockScope] {
  /// Hosts by their names, folded; anything else with its kind: `web[1-3], database rocky`.
  package var folded: String { map(\.subject).folded }
}

extension LockScope {
  /// What it is about, as operations name it: a host by its name, anything else with its kind.
  package var subject: OperationTarget {
    OperationTarget(kind: .init(rawValue: path.first ?? "fleet"), name: path.last ?? "", scopes: [self])
  }
}

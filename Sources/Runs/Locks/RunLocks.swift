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
  private let asked = AskedHosts()

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
      onLost: { if !scopes.isEmpty { dialogue.alert("the lock of run \(run) is lost: \($0.message)") } }
    )
    // A script that locks one host many times a second would run so far ahead that other hosts refuse its epoch.
    if lock.grant.ahead == nil, lock.grant.lead > RunLocks.longestLead { _ = try? await clock.sleep(for: .seconds(1)) }
    if let ahead = lock.grant.ahead {
      dialogue.say(
        "  the epoch of this lock is \(ahead.brief) ahead of the journal's clock: a clock was wrong. Hosts that never obeyed "
          + "such an epoch refuse it; lock.reset_epoch{…} mends it"
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

  /// Asks hosts that this journal never locked for the epoch they obeyed, so that its first grant is above; once a process.
  ///
  /// Names hosts that do not say, and epochs too far ahead of the clock to be believed.
  func learnEpochs(
    of hosts: [String],
    above: [LockScope],
    _ ask: @Sendable ([String]) async -> (seen: [String: Int], silent: [String])
  ) async throws(CallFailure) {
    let scopes = asked.new(hosts).map { LockScope(path: ["host", $0]) }
    let new = try await store.unknown(of: scopes).compactMap(\.path.last)
    if new.isEmpty { return }
    let (seen, silent) = await ask(new)
    if !silent.isEmpty {
      let names = NameSet(names: silent).folded
      dialogue.say(
        "  \(names): the newest epoch there is not known; a host that obeyed another journal may refuse this one"
      )
    }
    if seen.isEmpty { return }
    var epochs: [LockScope: Int] = [:]
    for (host, epoch) in seen { epochs[LockScope(path: ["host", host])] = epoch }
    let absurd = try await store.learn(epochs, above: above).compactMap(\.path.last)
    if absurd.isEmpty { return }
    let names = NameSet(names: absurd).folded
    dialogue.say(
      "  \(names): the epoch there is far ahead of the journal's clock, so changes are refused; "
        + "lock.reset_epoch{ on = \"\(names)\", reason = … } mends it"
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

/// Hosts that this process asked for their epoch: one that is silent is not waited for at every call.
private final class AskedHosts: Sendable {
  private let names = Mutex<Set<String>>([])

  /// Those that were not asked before.
  func new(_ hosts: [String]) -> [String] {
    names.withLock { names in hosts.filter { names.insert($0).inserted } }
  }
}

import Journal
package import PrimitiveKit
import Synchronization

/// What one run holds: its lease on itself, what its plan names, and what it reached besides.
///
/// One claim, however many grants. What was granted first keeps its epoch, so that a change under way is not taken for one
/// of somebody who was replaced.
package final class RunHold: RunHolding {
  private struct Grant {
    let scopes: [LockScope]
    let epoch: Int
  }

  private struct State {
    var grants: [Grant]
    /// Ends when the extensions asked for so far have ended.
    var last: Task<Void, Never>?
  }

  private let lock: RunLock
  private let registry: RunRegistry
  private let state: Mutex<State>

  init(_ lock: RunLock, scopes: [LockScope], registry: RunRegistry) {
    self.lock = lock
    self.registry = registry
    state = Mutex(State(grants: lock.epoch.map { [Grant(scopes: scopes, epoch: $0)] } ?? []))
  }

  package var claim: String { lock.claim }
  package var epoch: Int? { state.withLock { $0.grants.map(\.epoch).max() } }
  private var scopes: [LockScope] { state.withLock { $0.grants.flatMap(\.scopes) } }

  /// Those of the scopes that it does not hold.
  package func missing(_ scopes: [LockScope]) -> [LockScope] { registry.site.cover.missing(scopes, from: self.scopes) }

  /// Locks what is missing of these at once; throws `lock.refused` naming every holder.
  package func take(_ scopes: [LockScope]) async throws(CallFailure) {
    if let refusal = try await extended(by: scopes) { throw refusal }
  }

  package func hold(_ scopes: [LockScope], for summary: String) async throws(CallFailure) -> Int? {
    if scopes.isEmpty { return epoch }
    try lock.check()
    if let epoch = held(scopes) { return epoch }
    let missing = missing(scopes)
    if let refusal = registry.refusesBeyond(registry.site.complete(missing)) { throw refusal }
    if let refusal = try await extended(by: scopes) { throw .outside(missing, of: summary, why: refusal.message) }
    let names = missing.map(\.description).joined(separator: ", ")
    registry.dialogue.say("  also locked: \(names), not named in the plan")
    return held(scopes)
  }

  package var age: Duration? { lock.age }

  package func epoch(for scopes: [LockScope]) -> Int? {
    let first = state.withLock { $0.grants.first?.epoch }
    return scopes.isEmpty ? first : held(scopes) ?? first
  }

  func onLoss(_ body: @escaping @Sendable (CallFailure) -> Void) { lock.onLoss(body) }

  /// Gives everything back.
  package func release() async { await lock.giveBack() }

  /// The epoch that these were granted under; nil when one of them is not held.
  private func held(_ scopes: [LockScope]) -> Int? {
    let grants = state.withLock { $0.grants }
    var epochs: [Int] = []
    for scope in scopes {
      guard let grant = grants.first(where: { registry.site.cover.covers(scope, by: $0.scopes) }) else { return nil }
      epochs.append(grant.epoch)
    }
    return epochs.max()
  }

  /// Why others keep it from what is missing; nil once it is held.
  ///
  /// One after another, because each changes the claim's epoch.
  private func extended(by scopes: [LockScope]) async throws(CallFailure) -> CallFailure? {
    let task = state.withLock { state in
      let before = state.last
      let task = Task {
        await before?.value
        return await CallFailure.result { () async throws(CallFailure) in try await self.extend(by: scopes) }
      }
      state.last = Task { _ = await task.value }
      return task
    }
    return try await task.value.get()
  }

  private func extend(by scopes: [LockScope]) async throws(CallFailure) -> CallFailure? {
    let missing = missing(scopes)
    if missing.isEmpty { return nil }
    let (wanted, hosts) = (registry.site.complete(missing), registry.site.hosts(missing))
    try await registry.learn(wanted, hosts)
    let dialogue = registry.dialogue
    switch try await lock.extend(by: wanted, say: { dialogue.say("  \($0)") }) {
    case .refused(let conflicts): return conflicts.failure
    case .granted(let grant):
      await registry.fenceTaken(wanted, hosts, grant)
      state.withLock { $0.grants.append(Grant(scopes: wanted, epoch: grant.epoch)) }
      return nil
    }
  }
}

/// What the site knows of scopes.
package struct SiteScopes: Sendable {
  /// The hosts of the site, by name.
  private let all: @Sendable () -> [String]
  /// The hosts of a system of the site.
  private let ofSystem: @Sendable (_ name: String) -> [String]
  /// What a change of these hosts locks; hosts that the site does not know are left out.
  private let ofHosts: @Sendable (_ hosts: [String]) -> [LockScope]

  package init(
    all: @escaping @Sendable () -> [String] = { [] },
    ofSystem: @escaping @Sendable (_ name: String) -> [String] = { _ in [] },
    _ ofHosts: @escaping @Sendable (_ hosts: [String]) -> [LockScope]
  ) {
    self.all = all
    self.ofSystem = ofSystem
    self.ofHosts = ofHosts
  }

  /// Whether held scopes are enough: a lock on an environment covers the hosts in it.
  package var cover: ScopeCover {
    ScopeCover { [ofHosts] scope in
      guard scope.path.first == "host", scope.path.count == 2 else { return [] }
      return ofHosts([scope.path[1]]).filter { $0.path.first != "host" }
    }
  }

  /// What locking these takes, each scope once: a system takes its hosts, a host is also part of its groups, and all hosts
  /// are the fleet.
  package func complete(_ wanted: [LockScope]) -> [LockScope] {
    let scopes = wanted + wanted.filter(SiteScopes.isSystem).flatMap { ofSystem($0.path[1]) }.map(LockScope.host)
    func isChanged(_ scope: LockScope) -> Bool {
      scope.path.first == "host" && scope.path.count == 2 && scope.mode == .exclusive
    }
    let hosts = SiteScopes.named(scopes.filter(isChanged))
    let together = hosts.isEmpty ? [] : ofHosts(hosts)
    let isFleet = together.contains { $0.path.isEmpty }
    let rest = scopes.filter { !isChanged($0) || !isFleet && !together.contains($0) }
    var seen: Set<LockScope> = []
    return (rest + together).filter { seen.insert($0).inserted }
  }

  private static func isSystem(_ scope: LockScope) -> Bool {
    scope.path.first == "system" && scope.path.count == 2 && scope.mode == .exclusive
  }

  /// The hosts that scopes are about: those they name, and those of the site that they cover.
  package func hosts(_ scopes: [LockScope]) -> [String] {
    let locked = scopes.locking
    let named = SiteScopes.named(locked)
    guard locked.contains(where: { $0.path.first != "host" && !$0.isRun }) else { return named }
    let cover = cover
    let covered = all().filter { cover.covers(LockScope(path: ["host", $0], mode: .shared), by: locked) }
    return named + covered.filter { !named.contains($0) }
  }

  /// The hosts that scopes name.
  private static func named(_ scopes: [LockScope]) -> [String] {
    scopes.filter { $0.path.first == "host" && $0.path.count == 2 }.map { $0.path[1] }
  }
}

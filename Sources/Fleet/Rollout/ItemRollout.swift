package import PrimitiveKit

/// A rollout of anybody's own work over named items, for runbooks: window, budgets, ramp and gates as for a deploy.
package struct ItemRollout: Sendable {
  private let plan: RolloutPlan

  /// Freezes the items.
  ///
  /// `budget` items may fail, none may stay unknown, and max(2, 1 %) may be unreachable, as at the speeds, but none where
  /// none may fail. Throws `rollout.no_hosts` and `rollout.repeated_host`.
  package init(
    _ name: String,
    items: [String],
    window: Int?,
    budget: Int,
    ramp: Bool,
    gateEvery: Int?,
    jitter: Int,
    seed: UInt64
  ) throws(CallFailure) {
    let count = max(1, items.count)
    do {
      plan = try RolloutPlan(
        policy: RolloutPolicy(
          name: name,
          summary: "",
          hostsAtOnce: window,
          stopGraceSeconds: 0,
          // The share whose floor is the budget.
          haltRatio: Ratio(Double((min(budget, count) * 10_000 + count - 1) / count) / 10_000),
          unknownBudget: 0,
          unreachableLeast: budget == 0 ? 0 : 2,
          unreachableRatio: Ratio(budget == 0 ? 0 : 0.01),
          ramp: ramp,
          gateEvery: gateEvery.flatMap { Ratio(min(1, Double($0) / Double(count))) },
          inconclusiveGate: .fail,
          jitterSeconds: jitter,
          settleSeconds: 0,
          loginWaitSeconds: 0,
          stragglerWaitSeconds: 0,
          hostSeconds: 30,
          estimate: RolloutPolicy.Estimate(lowSeconds: 30, highSeconds: 60, hosts: 1),
          wholeFleetOnly: false
        ),
        hosts: items,
        seed: seed
      )
    } catch {
      throw CallFailure(error)
    }
  }

  /// Carries it out, or takes up what the `log` of an earlier process tells of.
  ///
  /// Of a rollout that had stopped, only items that `wasBegun` knows are finished.
  package func run(
    clock: any Clock<Duration>,
    driver: RolloutDriver,
    perform: @escaping @Sendable (String) async -> HostOutcome,
    gate: (@Sendable ([String]) async -> GateVerdict)?,
    log: RolloutLog = RolloutLog(),
    wasBegun: @escaping @Sendable (String) async -> Bool = { _ in true },
    events: @escaping @Sendable (RolloutProgress) -> Void
  ) async -> RolloutReport {
    await driver.run(
      plan: plan,
      worker: ItemWorker(work: perform, look: gate, wasBegun: wasBegun),
      clock: clock,
      log: log,
      events: events
    )
  }
}

private struct ItemWorker: RolloutWorker {
  let work: @Sendable (String) async -> HostOutcome
  let look: (@Sendable ([String]) async -> GateVerdict)?
  let wasBegun: @Sendable (String) async -> Bool

  func perform(_ host: String) async throws(NotBegun) -> HostOutcome { await work(host) }
  func takeUp(_ host: String) async throws(NotBegun) -> HostOutcome {
    guard await wasBegun(host) else { throw NotBegun("the rollout was stopped before") }
    return await work(host)
  }

  func gate(_ completed: [String]) async -> GateVerdict { await look?(completed) ?? .pass }
}

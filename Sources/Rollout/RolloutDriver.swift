import Synchronization

/// The door through which other threads steer a running rollout; one driver is one rollout.
package final class RolloutDriver: Sendable {
  /// What an operator may ask of a rollout that runs.
  enum Request: Sendable {
    case cancel
    case resume
    case abort(String)
    case proved(item: String, outcome: ItemOutcome)
  }

  private let requests: AsyncStream<Request>
  private let send: AsyncStream<Request>.Continuation

  private let wasCancelled = Atomic(false)

  package init() {
    (requests, send) = AsyncStream.makeStream(of: Request.self)
  }

  /// Stops starting items and lets those in flight finish; asked again, stops watching and returns at once.
  ///
  /// Safe from any thread, also before `run`, which then starts nothing. After the second call the items in flight are reported unknown.
  package func cancel() {
    wasCancelled.store(true, ordering: .relaxed)
    send.yield(.cancel)
  }

  /// Lets a paused rollout continue.
  package func resume() { send.yield(.resume) }

  /// Ends a rollout for this reason; items in flight finish.
  package func abort(_ reason: String) { send.yield(.abort(reason)) }

  /// Tells the rollout that a item it reported unknown is proven to have ended this way.
  package func prove(_ item: String, _ outcome: ItemOutcome) { send.yield(.proved(item: item, outcome: outcome)) }

  /// Performs a plan and reports every item in exactly one class.
  ///
  /// The decider decides, the worker works, the clock waits. At most the window's number of items is handed to the worker
  /// at once. Cancelling the surrounding task stops watching, as a second `cancel` does. `events` is called in order, from
  /// the rollout's own task, and should return quickly. `itemSeconds` are measured times that the time left starts from.
  /// A rollout whose `log` has a past continues where that ends.
  package func run(
    plan: RolloutPlan,
    worker: some RolloutWorker,
    clock: any Clock<Duration>,
    itemSeconds: [Double] = [],
    log: RolloutLog = RolloutLog(),
    events: @escaping @Sendable (RolloutProgress) -> Void = { _ in }
  ) async -> RolloutReport {
    await run(plan, worker, on: clock, itemSeconds, log, events)
  }

  private func run<Time: Clock<Duration>>(
    _ plan: RolloutPlan,
    _ worker: some RolloutWorker,
    on clock: Time,
    _ itemSeconds: [Double],
    _ log: RolloutLog,
    _ events: @escaping @Sendable (RolloutProgress) -> Void
  ) async -> RolloutReport {
    let requests = requests
    return await withTaskGroup(of: RolloutMessage.self) { group in
      var crew = RolloutLoop(
        decider: RolloutDecider(plan: plan),
        worker: worker,
        clock: clock,
        requests: requests,
        itemSeconds: RolloutEstimate.median(itemSeconds),
        log: log,
        events: events
      )
      return await crew.work(&group, isCancelled: wasCancelled.load(ordering: .relaxed))
    }
  }
}

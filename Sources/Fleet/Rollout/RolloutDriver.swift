import Synchronization

/// The door through which other threads steer a running rollout; one driver is one rollout.
package final class RolloutDriver: Sendable {
  /// What an operator may ask of a rollout that runs.
  enum Request: Sendable {
    case cancel
    case resume
    case abort(String)
    case proved(host: String, outcome: HostOutcome)
  }

  private let requests: AsyncStream<Request>
  private let send: AsyncStream<Request>.Continuation

  private let wasCancelled = Atomic(false)

  package init() {
    (requests, send) = AsyncStream.makeStream(of: Request.self)
  }

  /// Stops starting hosts and lets those in flight finish; asked again, stops watching and returns at once.
  ///
  /// Safe from any thread, also before `run`, which then starts nothing. After the second call the hosts in flight are reported unknown.
  package func cancel() {
    wasCancelled.store(true, ordering: .relaxed)
    send.yield(.cancel)
  }

  /// Lets a paused rollout go on.
  package func resume() { send.yield(.resume) }

  /// Ends a rollout for this reason; hosts in flight finish.
  package func abort(_ reason: String) { send.yield(.abort(reason)) }

  /// Tells the rollout that a host it reported unknown is proven to have ended this way.
  package func prove(_ host: String, _ outcome: HostOutcome) { send.yield(.proved(host: host, outcome: outcome)) }

  /// Carries out a plan and reports every host in exactly one class.
  ///
  /// The decider decides, the worker works, the clock waits. At most the window's number of hosts is handed to the worker
  /// at once. Cancelling the surrounding task stops watching, as a second `cancel` does. `events` is called in order, from
  /// the rollout's own task, and should return quickly. `hostSeconds` are measured times that the time left starts from.
  /// A rollout whose `log` has a past goes on where that ends.
  func run(
    plan: RolloutPlan,
    worker: some RolloutWorker,
    clock: any Clock<Duration>,
    hostSeconds: [Double] = [],
    log: RolloutLog = RolloutLog(),
    events: @escaping @Sendable (RolloutProgress) -> Void = { _ in }
  ) async -> RolloutReport {
    await run(plan, worker, on: clock, hostSeconds, log, events)
  }

  private func run<Time: Clock<Duration>>(
    _ plan: RolloutPlan,
    _ worker: some RolloutWorker,
    on clock: Time,
    _ hostSeconds: [Double],
    _ log: RolloutLog,
    _ events: @escaping @Sendable (RolloutProgress) -> Void
  ) async -> RolloutReport {
    let requests = requests
    return await withTaskGroup(of: RolloutMessage.self) { group in
      var crew = RolloutCrew(
        decider: RolloutDecider(plan: plan),
        worker: worker,
        clock: clock,
        requests: requests,
        hostSeconds: RolloutEstimate.median(hostSeconds),
        log: log,
        events: events
      )
      return await crew.work(&group, isCancelled: wasCancelled.load(ordering: .relaxed))
    }
  }
}

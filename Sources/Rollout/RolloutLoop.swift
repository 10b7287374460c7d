import PrimitiveKit

/// What a child task of a rollout comes back with.
enum RolloutMessage: Sendable {
  case request(RolloutDriver.Request)
  /// The surrounding task was cancelled.
  case abandoned
  /// The earliest delay may be over.
  case due
  case ended(Int, ItemOutcome, Duration)
  /// The work on a item was not begun, and none may be.
  case notBegun(Int, NotBegun)
  case gated(GateVerdict)
  /// A gate could not be asked, and nothing more may begin.
  case notGated(NotBegun)
}

/// One running rollout: turns the decider's commands into child tasks and their ends into events.
struct RolloutLoop<Worker: RolloutWorker, Time: Clock<Duration>> {
  typealias Group = TaskGroup<RolloutMessage>

  var decider: RolloutDecider
  let worker: Worker
  private let clock: Time
  private let requests: AsyncStream<RolloutDriver.Request>
  let log: RolloutLog
  private let events: @Sendable (RolloutProgress) -> Void
  private let begun: Time.Instant
  /// Items in their delay, by position, and when each may begin.
  private var delayed: [Int: Time.Instant] = [:]
  private var timer: Time.Instant?
  /// Items handed to the worker.
  private var working: Set<Int> = []
  private var hasCancelled = false
  // The first guess counts as one item, so that the time left does not jump with the first measured one.
  private var measuredSeconds: Double
  private var measuredItems = 1.0

  init(
    decider: RolloutDecider,
    worker: Worker,
    clock: Time,
    requests: AsyncStream<RolloutDriver.Request>,
    itemSeconds: Double?,
    log: RolloutLog,
    events: @escaping @Sendable (RolloutProgress) -> Void
  ) {
    self.decider = decider
    self.worker = worker
    self.clock = clock
    self.requests = requests
    self.log = log
    self.events = events
    begun = clock.now
    measuredSeconds = itemSeconds ?? Double(decider.plan.policy.itemSeconds)
  }

  /// Works until the report is complete; what still runs then is cancelled.
  mutating func work(_ group: inout Group, isCancelled: Bool) async -> RolloutReport {
    if isCancelled { await take(.cancel, &group) } else { await begin(&group) }
    listen(&group)
    while !decider.isFinished, let message = await group.next() {
      await handle(message, &group)
    }
    group.cancelAll()
    return decider.report
  }

  private mutating func handle(_ message: RolloutMessage, _ group: inout Group) async {
    switch message {
    case .request(let request):
      listen(&group)
      await obey(request, &group)
    case .abandoned:
      // Delayed items were never sent anything: they are taken back before those in flight are given up.
      await take(.cancel, &group)
      await take(.detach, &group)
    case .due:
      timer = nil
      beginDue(&group)
    case .ended(let item, let outcome, let duration):
      working.remove(item)
      if outcome == .ok {
        measuredSeconds += duration / .seconds(1)
        measuredItems += 1
      }
      await take(.finished(item, outcome), &group, telling: .finished(item: name(item), outcome: outcome))
    case .notBegun(let item, let why):
      working.remove(item)
      await take(why.isWanted ? .cancel : .stop(why.reason), &group)
      await take(.withdrawn(item), &group)
    case .notGated(let why): await take(why.isWanted ? .cancel : .stop(why.reason), &group)
    case .gated(let verdict):
      await take(.gate(verdict), &group, telling: .gated(verdict))
    }
  }

  private mutating func obey(_ request: RolloutDriver.Request, _ group: inout Group) async {
    switch request {
    case .cancel:
      await take(hasCancelled ? .detach : .cancel, &group)
      hasCancelled = true
    case .resume:
      guard decider.isPaused else { return }
      await take(.resume, &group, telling: .resumed)
    case .abort(let reason):
      await take(.abort(reason), &group)
    case .proved(let item, let outcome):
      guard let position = decider.plan.order.firstIndex(of: item) else { return }
      await take(.proved(position, outcome), &group, telling: .proved(item: item, outcome: outcome))
    }
  }

  /// Writes the event down, tells the decider, then the observer, then performs the commands.
  mutating func take(
    _ event: RolloutEvent,
    _ group: inout Group,
    telling change: RolloutProgress.Change? = nil
  ) async {
    var commands: [RolloutCommand] = []
    if event.isLasting, !breaksUnknownBudget(event) {
      do throws(CallFailure) {
        try await log.keep(event)
      } catch {
        // Whoever takes this up would not know why more items were begun, so none are.
        commands += decider.step(.stop(error.message))
      }
    }
    commands += decider.step(event)
    if let change { tell(change) }
    carryOut(commands, &group)
  }

  /// A item of unknown outcome that stops the rollout is still in flight for whoever takes the rollout up.
  private func breaksUnknownBudget(_ event: RolloutEvent) -> Bool {
    guard case .finished(_, .unknown) = event else { return false }
    var next = decider
    _ = next.step(event)
    return next.halt != decider.halt || next.halt != nil
  }

  mutating func carryOut(_ commands: [RolloutCommand], _ group: inout Group) {
    for command in commands {
      switch command {
      case .start(let item, let delay): schedule(item, delay, &group)
      case .runGate(let items):
        tell(.gating(items: items.count))
        let names = items.map(name)
        group.addTask { [worker] in
          do throws(NotBegun) { return .gated(try await worker.gate(names)) } catch { return .notGated(error) }
        }
      case .paused(let reason): tell(.paused(reason: reason))
      case .halted(let reason): tell(.halted(reason))
      case .finish: tell(.ended)
      }
    }
    guard !delayed.isEmpty else { return }
    if decider.halt == nil { setTimer(&group) } else { withdrawDelayed(&group) }
  }

  private mutating func schedule(_ item: Int, _ delay: Int, _ group: inout Group) {
    guard delay > 0 else { return begin(item, &group) }
    let wait = Duration.milliseconds(delay)
    tell(.scheduled(item: name(item), delay: wait))
    delayed[item] = clock.now.advanced(by: wait)
  }

  mutating func begin(_ item: Int, _ group: inout Group, onlyTakingUp: Bool = false) {
    working.insert(item)
    tell(.started(item: name(item)))
    let name = name(item)
    group.addTask { [worker, clock] in
      let start = clock.now
      do throws(NotBegun) {
        let outcome = onlyTakingUp ? try await worker.takeUp(name) : try await worker.perform(name)
        return .ended(item, outcome, start.duration(to: clock.now))
      } catch {
        return .notBegun(item, error)
      }
    }
  }

  private mutating func beginDue(_ group: inout Group) {
    let now = clock.now
    let due = delayed.filter { $0.value <= now }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    for (item, _) in due {
      delayed[item] = nil
      begin(item, &group)
    }
    setTimer(&group)
  }

  private mutating func setTimer(_ group: inout Group) {
    guard let earliest = delayed.values.min() else { return }
    if let timer, timer <= earliest { return }
    timer = earliest
    group.addTask { [clock] in
      // A cancelled wait ends early; the message then finds nothing due.
      try? await clock.sleep(until: earliest, tolerance: nil)
      return .due
    }
  }

  private mutating func withdrawDelayed(_ group: inout Group) {
    let items = delayed.keys.sorted()
    delayed = [:]
    for item in items { carryOut(decider.step(.withdrawn(item)), &group) }
  }

  private func listen(_ group: inout Group) {
    group.addTask { [requests] in
      for await request in requests { return .request(request) }
      return .abandoned
    }
  }

  func name(_ item: Int) -> String { decider.plan.order[item] }

  func tell(_ change: RolloutProgress.Change) {
    let active = working.union(delayed.keys).sorted().map(name)
    events(
      RolloutProgress(
        change: change,
        tally: decider.tally,
        inFlight: active,
        items: decider.plan.order.count,
        elapsed: begun.duration(to: clock.now),
        remaining: remaining
      )
    )
  }

  private var remaining: Duration? {
    let plan = decider.plan
    let left = plan.order.count - decider.tally.finished
    guard left > 0, decider.halt == nil else { return nil }
    let item = measuredSeconds / measuredItems
    if let last = delayed.values.max() { return clock.now.duration(to: last) + .seconds(item) }
    let seconds = RolloutEstimate.remainingSeconds(
      policy: plan.policy,
      remaining: left,
      successes: decider.successes,
      total: plan.total,
      itemSeconds: item
    )
    return .seconds(seconds)
  }
}

import PrimitiveKit
import Rollout
import Synchronization

/// Does what undoes a run, act after act, each paced and looked at like a deploy (G-12).
struct UndoActs: Sendable {
  let jobs: JobMaker
  let job: Job
  let coding: OperationCoding

  /// Answers what is left: what tolerance allows does not keep the change on the others.
  ///
  /// Throws what stops the rollback: a budget, a gate, a function that failed, a run that was stopped.
  func perform(_ undoing: Undoing) async throws(CallFailure) -> UndoLeft {
    var left = UndoLeft(undoing.plan, undoing.survey)
    if undoing.rehearsal != nil {
      _ = try await job.section("undo", [undoing.arguments], as: job.context)
      return left
    }
    for act in undoing.plan.acts {
      switch act {
      case .functions(let undos) where undos.count == 1: try await perform(undos[0], choices: [.retry, .skip, .abort])
      case .functions(let undos): try await perform(undos, &left)
      case .inverses(let group): try await perform(group, undoing.terms.refusing, &left)
      }
    }
    return left
  }

  private func perform(_ undo: Undo, choices: [FailureDecision]) async throws(CallFailure) {
    let path = "undo \(undo.path.replacing("/", with: " > "))"
    let scope = RunScope(job: job, context: job.context)
    try await job.begin(path, path)
    let options = try StepOptions(.table([:]), of: undo.path)
    _ = try await job.perform(path, options, choices: choices) { attempt throws(CallFailure) in
      let arguments = [undo.result ?? .null, .string(undo.name)]
      return try await job.call(undo.number, arguments, at: attempt, in: scope, withJob: true, tolerance: .none)
    }
  }

  /// Functions of the items of one loop.
  private func perform(_ undos: [Undo], _ left: inout UndoLeft) async throws(CallFailure) {
    let held = left
    let ready = undos.filter { !held.holds($0.name) }
    let byName = Dictionary(ready.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let request = RollbackPlan.request("undo", ready.map(\.name), of: undos.count, noun: "items")
    let targets = byName.mapValues { OperationTarget.host($0.name) }
    try await roll(request, targets, gate: nil, &left) { name throws(CallFailure) in
      // An item fails into the budget; nobody is asked about each.
      if let undo = byName[name] { try await perform(undo, choices: []) }
    }
  }

  /// Undoes operations of one kind through the rollout engine, and looks again at what was undone.
  private func perform(_ group: [RollbackPlan.Inverse], _ refusing: Set<String>, _ left: inout UndoLeft)
    async throws(CallFailure)
  {
    let held = left
    let ready = group.filter { !held.holds($0.subject) }
    let bySubject = Dictionary(ready.map { ($0.subject, $0) }, uniquingKeysWith: { first, _ in first })
    var request = RollbackPlan.request(
      "undo \(group[0].stored.kind)",
      ready.map(\.subject),
      of: group.count,
      noun: RollbackPlan.noun(group.map(\.stored.target))
    )
    request.itemSeconds = group.compactMap(\.seconds)
    let world = job.run.world
    let gate: @Sendable ([String]) async -> GateVerdict = { done in
      let lapses = await UndoActs.lapses(done.compactMap { bySubject[$0] }, in: world)
      // One that fell over since is no verdict on all of them.
      if let first = lapses.first, lapses.count == done.count { return .fail(first.why) }
      return await world.rules?.verdict(on: done, since: refusing) ?? .pass
    }
    let report = try await roll(request, bySubject.mapValues(\.stored.target), gate: gate, &left) {
      subject throws(CallFailure) in
      if let inverse = bySubject[subject] { try await perform(inverse) }
    }
    for lapse in await UndoActs.lapses(report.items(.ok).compactMap({ bySubject[$0] }), in: world) {
      left.add(lapse.target, since: lapse.why)
    }
  }

  /// One inverse, a step of its own: once it is done it stays done, once it failed a resume tries it again.
  private func perform(_ inverse: RollbackPlan.Inverse) async throws(CallFailure) {
    let operation: any Operation
    if let known = inverse.operation { operation = known } else { operation = try coding.operation(inverse.stored) }
    try await job.begin(inverse.name, inverse.stored.summary)
    let options = try StepOptions(.table([:]), of: inverse.name)
    _ = try await job.perform(inverse.name, options, choices: []) { attempt throws(CallFailure) in
      try await job.run.perform(any: operation, step: attempt)
      return .null
    }
  }

  /// Rolls out, adds what did not work to `left`, and throws what stops the rollback.
  @discardableResult
  private func roll(
    _ request: RolloutRequest,
    _ targets: [String: OperationTarget],
    gate: (@Sendable ([String]) async -> GateVerdict)?,
    _ left: inout UndoLeft,
    _ body: @escaping @Sendable (String) async throws(CallFailure) -> Void
  ) async throws(CallFailure) -> RolloutReport {
    let stop = Mutex<CallFailure?>(nil)
    let report = try await jobs.rollouts.roll(
      request,
      perform: { item in
        let result = await CallFailure.result { () async throws(CallFailure) in try await body(item) }
        if case .failure(let failure) = result, failure.leavesStepOpen { stop.withLock { $0 = $0 ?? failure } }
        return ItemOutcome(undoing: result)
      },
      gate: gate
    )
    if let failure = stop.withLock({ $0 }) { throw failure }
    left.add(report, targets)
    guard let halt = report.halt else { return report }
    if report.exitCode == .interrupted, let failure = report.failure("it was stopped", hint: nil) { throw failure }
    throw CallFailure(
      left.isUnknown ? .unknownOutcome : .failed,
      code: "rollback.halted",
      message: "\(halt.text); \(left.share) not undone: \(left.words)"
    )
  }

  /// What was undone and is not as that left it; what cannot be looked at is not among it.
  private static func lapses(_ done: [RollbackPlan.Inverse], in world: World) async -> [UndoSurvey.Finding] {
    let world = world.dry
    let looks = await done.concurrentMap(limit: 32) { inverse -> UndoSurvey.Finding? in
      guard let words = try? await inverse.operation?.lapse(in: world) else { return nil }
      return UndoSurvey.Finding(target: inverse.stored.target, why: words)
    }
    return looks.compactMap(\.self)
  }
}

extension Undo {
  /// The last word of its path: the name of an item.
  fileprivate var name: String { path.split(separator: "/").last.map { String($0) } ?? path }
}

extension ItemOutcome {
  fileprivate init(undoing result: Result<Void, CallFailure>) {
    switch result {
    case .success: self = .ok
    case .failure(let failure) where failure.mark == .withheld: self = .excluded(failure.message)
    case .failure(let failure) where failure.leavesUnknown: self = .unknown(failure.message)
    case .failure(let failure) where failure.failureClass == .unavailable: self = .unreachable(failure.message)
    case .failure(let failure): self = .failed(failure.message)
    }
  }
}

extension Run {
  /// Performs an operation whose type is only known now, and throws where its outcome is not what it was to bring about.
  func perform(any operation: any Operation, step: String) async throws(CallFailure) {
    var context = CallContext.current
    context.step = step
    let given = context
    let result = await CallContext.$current.withValue(given) {
      await CallFailure.result { () async throws(CallFailure) in try await open(operation) }
    }
    try result.get()
  }

  private nonisolated func open(_ operation: some Operation) async throws(CallFailure) {
    // What an earlier process began needs nothing any more: its target says what became of it.
    let isBegun = await knows(try encoded(operation))
    if !isBegun, let preparation = operation.preparation { try await prepare(preparation) }
    guard let outcome = try await perform(operation) else { return }
    if let shortfall = operation.shortfall(in: outcome) { throw shortfall }
  }

  private nonisolated func prepare(_ preparation: some Operation) async throws(CallFailure) {
    if case .done = try await preparation.probe(in: world) { return }
    _ = try await perform(preparation)
  }
}

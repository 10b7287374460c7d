import Journal
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
  /// Once something is left, what was done before it elsewhere is left, too: only hosts do not rest on each other. Throws what stops the rollback: a budget, a gate, a function that failed, a run that was stopped.
  func perform(_ undoing: Undoing) async throws(CallFailure) -> UndoLeft {
    var left = UndoLeft(undoing.plan, undoing.survey)
    if undoing.rehearsal != nil {
      _ = try await job.section("undo", [undoing.arguments], as: job.context)
      let note = job.noted.sum
      if note.code != .ok { left.add(step: "undo", why: note.why ?? "it did not succeed everywhere") }
      return left
    }
    let changed = undoing.plan.targets + undoing.plan.undone.map(\.target)
    let hosts = Set(changed.filter { $0.kind == .host }.subjects)
    var passed: Set<String> = []
    for act in undoing.plan.acts {
      let isHeld = left.isAny(of: passed)
      switch act {
      case .functions(let undos) where undos.count == 1:
        if isHeld {
          left.add(step: undos[0].path, why: nil)
        } else if try await !perform(undos[0], choices: [.retry, .skip, .abort]) {
          left.add(step: undos[0].path, why: "skipped")
        }
      case .functions(let undos):
        let ready = isHeld ? undos.filter { hosts.contains($0.name) } : undos
        for undo in undos where isHeld && !hosts.contains(undo.name) { left.add(step: undo.path, why: nil) }
        if !ready.isEmpty { try await perform(ready, &left) }
        passed.formUnion(undos.map(\.name))
      case .inverses(let group):
        let ready = isHeld ? group.filter { $0.stored.target.kind == .host } : group
        for target in group.map(\.stored.target) where isHeld && target.kind != .host { left.add(held: target) }
        if !ready.isEmpty { try await perform(ready, undoing.terms.refusing, &left) }
        passed.formUnion(group.map(\.subject))
      }
    }
    return left
  }

  /// Calls the function that undoes a step; answers false where the operator skips it.
  ///
  /// What a call notes in it, instead of raising it, is left as well.
  private func perform(_ undo: Undo, choices: [FailureDecision]) async throws(CallFailure) -> Bool {
    let path = "undo \(undo.path.replacing("/", with: " > "))"
    try await job.begin(path, path)
    let options = try StepOptions(.table([:]), of: undo.path)
    _ = try await job.perform(path, options, choices: choices) { attempt throws(CallFailure) in
      let noted = NotedExit(passesOn: false)
      var context = job.context
      context.noted = noted
      let scope = RunScope(job: job, context: context)
      let arguments = [undo.result ?? .null, .string(undo.name)]
      let answer = try await job.call(undo.number, arguments, at: attempt, in: scope, withJob: true, tolerance: .none)
      guard noted.sum.code == .ok else {
        throw CallFailure(
          .failed,
          code: "rollback.function",
          message: noted.sum.why ?? "the function that undoes '\(undo.path)' did not succeed everywhere"
        )
      }
      return answer
    }
    if case .some(.skipped(reason: _)) = await job.row(path)?.end { return false }
    return true
  }

  /// Functions of the items of one loop.
  private func perform(_ undos: [Undo], _ left: inout UndoLeft) async throws(CallFailure) {
    let held = left
    let ready = undos.filter { !held.holds($0.name) }
    let byName = Dictionary(ready.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let request = RollbackPlan.request("undo", ready.map(\.name), of: undos.count, noun: "items")
    try await roll(request, { byName[$0].map { OperationTarget.host($0.name) } }, gate: nil, &left) {
      name throws(CallFailure) in
      // An item fails into the budget; nobody is asked about each.
      if let undo = byName[name] { _ = try await perform(undo, choices: []) }
    }
  }

  /// Undoes operations of one kind through the rollout engine, and looks again at what was undone.
  private func perform(_ group: [RollbackPlan.Inverse], _ refusing: Set<String>, _ left: inout UndoLeft)
    async throws(CallFailure)
  {
    let held = left
    let all = RollbackPlan.bySubject(group)
    let ready = all.filter { !held.holds($0.subject) }
    let bySubject = Dictionary(uniqueKeysWithValues: ready.map { ($0.subject, $0.inverses) })
    var request = RollbackPlan.request(
      "undo \(group[0].stored.kind)",
      ready.map(\.subject),
      of: all.count,
      noun: RollbackPlan.noun(group.map(\.stored.target))
    )
    request.itemSeconds = all.compactMap { $0.inverses.first?.seconds }
    let world = job.run.world
    let gate: @Sendable ([String]) async -> GateVerdict = { done in
      let lapses = await UndoActs.lapses(done.flatMap { bySubject[$0] ?? [] }, in: world)
      // One that fell over since is no verdict on all of them.
      if let first = lapses.first, Set(lapses.map(\.target.subject)).count == done.count { return .fail(first.why) }
      return await world.rules?.verdict(on: done, since: refusing) ?? .pass
    }
    let report = try await roll(request, { await remaining(of: bySubject[$0] ?? []) }, gate: gate, &left) {
      subject throws(CallFailure) in
      try await perform(bySubject[subject] ?? [])
    }
    for lapse in await UndoActs.lapses(report.items(.ok).flatMap({ bySubject[$0] ?? [] }), in: world) {
      left.add(lapse.target, since: lapse.why)
    }
  }

  /// What undoes one change, one after the other: what fails keeps none of the others.
  private func perform(_ inverses: [RollbackPlan.Inverse]) async throws(CallFailure) {
    var failures: [CallFailure] = []
    for inverse in inverses {
      let result = await CallFailure.result { () async throws(CallFailure) in try await perform(inverse) }
      guard case .failure(let failure) = result else { continue }
      if failure.leavesStepOpen { throw failure }
      failures.append(failure)
    }
    if let failure = failures.first(where: \.leavesUnknown) ?? failures.first { throw failure }
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
    _ target: (String) async -> OperationTarget?,
    gate: (@Sendable ([String]) async -> GateVerdict)?,
    _ left: inout UndoLeft,
    _ body: @escaping @Sendable (String) async throws(CallFailure) -> Void
  ) async throws(CallFailure) -> RolloutReport {
    let stop = Mutex<CallFailure?>(nil)
    let report = try await jobs.rollouts.roll(
      request,
      perform: { item in
        let result = await CallFailure.result { () async throws(CallFailure) in try await body(item) }
        // A fault of this machine is no host's: it ends the rollback, and names itself.
        if case .failure(let failure) = result, failure.leavesStepOpen || failure.isLocal {
          stop.withLock { $0 = $0 ?? failure }
        }
        return ItemOutcome(undoing: result)
      },
      gate: gate
    )
    if let failure = stop.withLock({ $0 }) { throw failure }
    for result in report.results where result.outcomeClass != .ok {
      if let target = await target(result.item) { left.add(result, target) }
    }
    guard let halt = report.halt else { return report }
    if report.exitCode == .interrupted, let failure = report.failure("it was stopped", hint: nil) { throw failure }
    throw CallFailure(
      left.isUnknown ? .unknownOutcome : .failed,
      code: "rollback.halted",
      message: "\(halt.text); \(left.share) not undone: \(left.words)"
    )
  }

  /// What of these inverses, which act on one thing, is not done.
  private func remaining(of inverses: [RollbackPlan.Inverse]) async -> OperationTarget? {
    var left: [OperationTarget] = []
    for inverse in inverses where await job.row(inverse.name)?.isOK != true { left.append(inverse.stored.target) }
    guard let first = left.first else { return inverses.first?.stored.target }
    let parts = left.compactMap(\.part)
    let part = parts.isEmpty ? nil : parts.joined(separator: ",")
    return OperationTarget(kind: first.kind, name: first.name, part: part, scopes: first.scopes)
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
    // What an earlier process began needs nothing any more: its target tells its outcome.
    let isBegun = await knows(try encoded(operation))
    if !isBegun, let preparation = operation.preparation { try await prepare(preparation) }
    guard let outcome = try await attaching(operation) else { return }
    if let shortfall = operation.shortfall(in: outcome) { throw shortfall }
  }

  private nonisolated func prepare(_ preparation: some Operation) async throws(CallFailure) {
    if case .done = try await preparation.probe(in: world) { return }
    _ = try await perform(preparation)
  }
}

import Journal
import PrimitiveKit
import Rollout
import RunbookHeader
import Runs
import Synchronization

/// Carries rollbacks out, and says what became of the runs they undo.
struct UndoExecution: Sendable {
  let runs: RunSetting
  let jobs: JobMaker

  /// Carries a rollback out and says what became of the run it undoes.
  func undo(
    _ undoing: Undoing,
    of header: RunHeader,
    in run: Run,
    lock: RunHold,
    past: [StepRow]
  ) async throws(CallFailure) -> RunbookResult {
    let registry = try await runs.registry.open()
    let job = job(undoing, in: run, past, registry)
    let result = await runs.interrupts.during(run) {
      await CallFailure.result { () async throws(CallFailure) in
        try await registry.findLost(in: run, isOver: false)
        try await perform(undoing, job)
        try await registry.findLost(in: run, isOver: true)
        try await conclude(header, in: run, registry)
      }
    }
    guard case .failure(let failure) = result else {
      _ = await registry.close(run, lock: lock, nil)
      runs.dialogue.say("run \(header.id) is rolled back")
      // It is what was asked for; whoever undoes a run that failed says so by the failure.
      return RunbookResult(run: run.id, plan: nil, value: .string(header.id), exitCode: .ok)
    }
    let ending = await run.stopped ?? failure
    if !ending.leavesStepOpen { await reopen(job, registry) }
    if ending.isStop {
      _ = await registry.close(run, lock: lock, ending)
      throw ending
    }
    try? await registry.journal.conclude(
      header.id,
      state: .rollbackFailed,
      reason: ending.message,
      exitCode: Int(ExitCode.rollbackFailed.rawValue)
    )
    _ = await registry.close(run, lock: lock, ending)
    throw CallFailure(
      .failed,
      code: "rollback.failed",
      message: "the rollback of \(header.id) stopped: \(ending.message)",
      hint: "fix the cause; resume(\"\(run.id)\") then continues the rollback",
      ending: .rollbackFailed
    )
  }

  private func job(_ undoing: Undoing, in run: Run, _ past: [StepRow], _ registry: RunRegistry) -> Job {
    let name = undoing.book.map { "the undo of '\($0.name)'" } ?? "a rollback"
    var context = CallContext(allowed: undoing.book?.header.effects.union([.reads]) ?? [.reads], name: name)
    context.isDeclared = undoing.book != nil
    context.run = run
    context.isConfirmed = true
    return jobs.job(.live, run, registry.journal, past: past, invoke: undoing.invoke, context: context)
  }

  /// Says that the run is undone, and that what it put in place was bad; what it called bad itself is so no more.
  private func conclude(_ header: RunHeader, in run: Run, _ registry: RunRegistry) async throws(CallFailure) {
    let reason = "rolled back by \(run.id)"
    for bad in try await registry.journal.badReleases() where bad.run == header.id && !bad.reason.hasPrefix(reason) {
      try await registry.journal.clearBad(digest: bad.digest, reason: "the run that marked it was \(reason)")
      runs.dialogue.say("  \(bad.image) (\(bad.digest.prefix(19))), which it marked bad, is offered again")
    }
    for release in try await releases(of: header, registry) {
      try await registry.journal.markBad(
        digest: release.digest,
        image: release.name,
        run: header.id,
        // Who wants to deploy it again hears why it was taken back.
        reason: header.stateReason.map { "\(reason): \($0)" } ?? reason
      )
      runs.dialogue.say("  \(release.name) (\(release.digest.prefix(19))) is marked bad and not offered again")
    }
    try await registry.journal.conclude(
      header.id,
      state: .rolledBack,
      reason: reason,
      exitCode: Int(ExitCode.rolledBack.rawValue)
    )
  }

  /// Steps of the rollback that failed: a resume tries them once more.
  private func reopen(_ job: Job, _ registry: RunRegistry) async {
    for path in await job.failures.paths { try? await registry.journal.reopenStep(run: job.run.id, path: path) }
  }

  private func perform(_ undoing: Undoing, _ job: Job) async throws(CallFailure) {
    if undoing.rehearsal != nil {
      _ = try await job.section("undo", [undoing.arguments], as: job.context)
      return
    }
    let scope = RunScope(job: job, context: job.context)
    for act in undoing.plan.acts {
      switch act {
      case .inverses(let group): try await perform(group, job)
      case .function(let undo):
        let path = "undo \(undo.path.replacing("/", with: " > "))"
        let name = undo.path.split(separator: "/").last.map { String($0) } ?? undo.path
        try await job.begin(path, path)
        let options = try StepOptions(.table([:]), of: undo.path)
        _ = try await job.perform(path, options, choices: [.retry, .skip, .abort]) { attempt throws(CallFailure) in
          try await job.call(undo.number, [undo.result ?? .null, .string(name)], at: attempt, in: scope, withJob: true)
        }
      }
    }
  }

  /// Undoes operations of one kind, one target after another through the rollout engine: going back is a deploy (G-12).
  private func perform(_ group: [RollbackPlan.Inverse], _ job: Job) async throws(CallFailure) {
    let bySubject = Dictionary(group.map { ($0.stored.target.subject, $0) }, uniquingKeysWith: { first, _ in first })
    let request = RolloutRequest(
      name: "undo \(group[0].stored.kind)",
      items: group.map(\.stored.target.subject),
      window: 5,
      budget: group.count / 10
    )
    let stop = Mutex<CallFailure?>(nil)
    let report = try await jobs.rollouts.roll(
      request,
      perform: { subject in
        guard let inverse = bySubject[subject] else { return .failed("it is not in the plan") }
        let result = await CallFailure.result { () async throws(CallFailure) in try await perform(inverse, job) }
        switch result {
        case .success: return .ok
        case .failure(let failure):
          if failure.leavesStepOpen { stop.withLock { $0 = $0 ?? failure } }
          return failure.leavesUnknown ? .unknown(failure.message) : .failed(failure.message)
        }
      },
      gate: nil
    )
    if let failure = stop.withLock({ $0 }) { throw failure }
    let bad = report.results.filter { $0.outcomeClass != .ok }
    guard bad.isEmpty else {
      let noun = group.allSatisfy { $0.stored.target.kind == .host } ? "hosts" : "targets"
      let words = bad.prefix(5).map { "\($0.item): \($0.outcomeClass.rawValue): \($0.detail)" }
      throw CallFailure(
        .failed,
        code: "rollback.failed",
        message: "\(bad.count) of \(report.results.count) \(noun) are not undone: \(words.joined(separator: "; "))",
        ending: .rollbackFailed
      )
    }
  }

  /// One inverse, a step of its own: once it is done it stays done, once it failed a resume tries it again.
  private func perform(_ inverse: RollbackPlan.Inverse, _ job: Job) async throws(CallFailure) {
    let registry = try await runs.registry.open()
    try await job.begin(inverse.name, inverse.stored.summary)
    let options = try StepOptions(.table([:]), of: inverse.name)
    _ = try await job.perform(inverse.name, options, choices: []) { attempt throws(CallFailure) in
      try await job.run.perform(any: try registry.coding.operation(inverse.stored), step: attempt)
      return .null
    }
  }

  /// What the run newly put in place by going forward: going back from it says that it was bad.
  private func releases(of header: RunHeader, _ registry: RunRegistry) async throws(CallFailure) -> [ReleaseReference] {
    let rows = try await registry.journal.operations(of: header.id, withTexts: true)
    var found: [ReleaseReference] = []
    for row in rows where row.state != .failed && row.state != .notDone {
      // What was there already, or ran before, is not to blame.
      guard let operation = try? registry.coding.operation(row.stored), let release = operation.release,
        !operation.isRestoring, !row.leftAsFound(registry.coding)
      else { continue }
      if !found.contains(release) { found.append(release) }
    }
    return found
  }
}

extension Run {
  /// Performs an operation whose type is only known now.
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
    _ = try await perform(operation)
  }
}

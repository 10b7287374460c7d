import Foundations
import Journal
import PrimitiveKit
import RunbookHeader
import Runs

/// Performs rollbacks, and records the outcome of the runs they undo.
struct UndoExecution: Sendable {
  let runs: RunSetting
  let jobs: JobMaker

  /// Performs a rollback and records the outcome of the run it undoes.
  ///
  /// The run is rolled back once everything is undone and was seen to be; else both stay open, and what is left is named.
  func undo(
    _ undoing: Undoing,
    of header: RunHeader,
    in run: Run,
    lock: RunHold,
    past: [StepRow]
  ) async throws(CallFailure) -> RunbookResult {
    let registry = try await runs.registry.open()
    let job = job(undoing, in: run, past, registry)
    let acts = UndoActs(jobs: jobs, job: job, coding: registry.coding)
    let result = await runs.interrupts.during(run) {
      await CallFailure.result { () async throws(CallFailure) in
        try await registry.findLost(in: run, isOver: false)
        let left = try await acts.perform(undoing)
        try await registry.findLost(in: run, isOver: true)
        // A function that caught a refusal, or its operator's word that it ends, has not undone anything.
        let (failures, refused) = (await job.failures, await run.refused)
        if let failure = failures.abort ?? failures.refusal ?? refused { throw failure }
        let open = try await registry.journal.unresolved(run: run.id)
        let failure = left.failure(of: header.id, doubtful: undoing.plan.doubtful + open)
        if failure == nil { try await conclude(header, undoing, in: run, registry) }
        return failure
      }
    }
    let ending: CallFailure
    switch result {
    case .success(nil):
      _ = await registry.close(run, lock: lock, nil)
      runs.dialogue.say("run \(header.id) is rolled back")
      // It is what was asked for; whoever undoes a run that failed says so by the failure.
      return RunbookResult(run: run.id, plan: nil, value: .string(header.id), exitCode: .ok)
    case .success(let failure?): ending = failure
    case .failure(let failure):
      let stop = await run.stopped ?? failure
      if stop.isStop {
        if !stop.leavesStepOpen { await reopen(in: run, registry) }
        let (state, _) = await registry.end(run, lock: lock, stop)
        if state != .cancelled {
          // The run is neither what it was nor undone.
          try? await registry.journal.conclude(
            header.id,
            state: .rollbackFailed,
            reason: "rollback \(run.id) stopped early",
            exitCode: Int(ExitCode.rollbackFailed.rawValue)
          )
        }
        var told = stop
        if stop.mark == .interrupted { told.hint = "resume(\"\(run.id)\") continues the rollback" }
        throw told
      }
      ending = stopped(stop, header)
      if stop.leavesStepOpen { return try await end(ending, of: header, in: run, lock, registry) }
    }
    await reopen(in: run, registry)
    return try await end(ending, of: header, in: run, lock, registry)
  }

  /// The failure of a rollback that did not come to its end.
  private func stopped(_ failure: CallFailure, _ header: RunHeader) -> CallFailure {
    let isUnknown = failure.leavesUnknown
    return CallFailure(
      isUnknown ? .unknownOutcome : .failed,
      code: isUnknown ? "rollback.unknown" : "rollback.failed",
      message: "the rollback of \(header.id) stopped: \(failure.message)",
      ending: isUnknown ? .unknownOutcomes : .rollbackFailed
    )
  }

  /// Records that the run is still to be undone, and throws why, with what continues it.
  private func end(
    _ failure: CallFailure,
    of header: RunHeader,
    in run: Run,
    _ lock: RunHold,
    _ registry: RunRegistry
  ) async throws(CallFailure) -> RunbookResult {
    let isUnknown = failure.ending == .unknownOutcomes
    let code: ExitCode = isUnknown ? .unknownOutcomes : .rollbackFailed
    do throws(CallFailure) {
      try await registry.journal.conclude(
        header.id,
        state: isUnknown ? .unknown : .rollbackFailed,
        reason: isUnknown
          ? "rollback \(run.id) left changes with unknown outcomes" : "rollback \(run.id) left something to undo",
        exitCode: Int(code.rawValue)
      )
    } catch {
      runs.dialogue.say("  the state of run \(header.id) could not be recorded: \(error.message)")
    }
    _ = await registry.close(run, lock: lock, failure)
    var told = failure
    told.hint =
      isUnknown
      ? "resume(\"\(run.id)\") checks again and continues the rollback; record what no host can tell with resolve()"
      : "fix the cause; resume(\"\(run.id)\") then continues the rollback"
    throw told
  }

  private func job(_ undoing: Undoing, in run: Run, _ past: [StepRow], _ registry: RunRegistry) -> Job {
    let name = undoing.book.map { "the undo of '\($0.name)'" } ?? "a rollback"
    var context = CallContext(allowed: undoing.book?.header.effects.union([.reads]) ?? [.reads], name: name)
    context.isDeclared = undoing.book != nil
    context.run = run
    context.folder = undoing.book.flatMap { ScriptFolder.of($0.path) }
    context.isConfirmed = true
    // What a call leaves behind is not undone.
    context.tolerance = .none
    return jobs.job(.live, run, registry.journal, past: past, invoke: undoing.invoke, context: context)
  }

  /// Says that the run is undone, and which releases are bad; what it called bad itself is so no more.
  private func conclude(_ header: RunHeader, _ undoing: Undoing, in run: Run, _ registry: RunRegistry)
    async throws(CallFailure)
  {
    let reason = "\(UndoTerms.rolledBack)\(run.id)"
    for bad in undoing.cleared {
      try await registry.journal.clearBad(digest: bad.digest, reason: "the run that marked it was \(reason)")
      runs.dialogue.say("  \(bad.image) (\(bad.digest.prefix(19))), which it had marked bad, can be deployed again")
    }
    for release in undoing.terms.releases where release.isMarked {
      try await registry.journal.markBad(
        digest: release.digest,
        image: release.name,
        run: header.id,
        // Who wants to deploy it again hears why it was taken back.
        reason: release.verdict.map { "\(reason): \($0)" } ?? reason
      )
      runs.dialogue.say("  \(release.words) is marked bad and will not be deployed again")
    }
    try await registry.journal.conclude(
      header.id,
      state: .rolledBack,
      reason: reason,
      exitCode: Int(ExitCode.rolledBack.rawValue)
    )
  }

  /// Steps of the rollback that failed, were skipped or left something, with those around them: a resume tries them again.
  private func reopen(in run: Run, _ registry: RunRegistry) async {
    guard let steps = try? await registry.journal.steps(of: run.id) else { return }
    var open: Set<String> = []
    for step in steps {
      var isLeft = [.failed, .skipped].contains(step.state)
      if !isLeft, step.state == .ok {
        let key = Job.notedKey(of: step.path, attempt: step.attempt)
        isLeft = (try? await registry.journal.kept(key, of: [run.id])[run.id]) != nil
      }
      if isLeft { open.insert(RollbackPlan.lasting(step.path)) }
    }
    for step in steps where step.state != .open {
      let path = RollbackPlan.lasting(step.path)
      guard open.contains(where: { $0 == path || $0.hasPrefix(path + "/") }) else { continue }
      try? await registry.journal.reopenStep(run: run.id, path: step.path)
    }
  }
}

import Journal
import PrimitiveKit
import RunbookHeader
import Runs

/// A run about to be performed or continued.
struct Execution: Sendable {
  let book: RunbookFile
  let arguments: RunbookArguments
  let plan: Plan
  let seed: UInt64
  let run: Run
  let lock: RunHold
  /// Steps of earlier processes.
  let past: [StepRow]
}

/// Performs runs, from the first step to what is recorded of their end.
struct RunExecutor: Sendable {
  let runs: RunSetting
  let jobs: JobMaker
  /// For a run that is rolled back when it fails.
  let undo: RunUndo

  /// Calls `run` and `verify`, records how it ended, and undoes it where that was decided.
  func carryOut(_ execution: Execution, _ start: RunbookStart) async throws(CallFailure) -> RunbookResult {
    let registry = try await runs.registry.open()
    let (book, run) = (execution.book, execution.run)
    var policy = start.policy(of: book)
    if start.onFailure == nil, runs.dialogue.isInteractive { policy = .stop }
    let prepared = await CallFailure.result { () async throws(CallFailure) in
      try await makeJob(execution, policy, registry)
    }
    let job: Job
    switch prepared {
    case .success(let made): job = made
    case .failure(let failure):
      _ = await registry.close(run, lock: execution.lock, failure)
      throw failure
    }
    let result = await runs.interrupts.during(run) {
      await CallFailure.result { () async throws(CallFailure) in
        try await registry.findLost(in: run, isOver: false)
        let arguments = execution.book.handed(execution.arguments.table)
        let value = try await job.section("run", [arguments, execution.plan.check], as: job.context)
        try await verify(execution, value, job)
        try await requireCured(execution)
        try await registry.findLost(in: run, isOver: true)
        return value
      }
    }
    let checked = await checked(result, job)
    await FidelityCount(registry).count(execution.plan, run.id, isWhole: (try? checked.get()) != nil)
    switch checked {
    case .success(let value):
      let (state, code) = await registry.end(run, lock: execution.lock, nil, noted: job.noted.sum)
      runs.dialogue.note(ExitNote(code, why: job.noted.sum.why), of: run.id)
      runs.dialogue.event(SessionEvent("runbook.result", ["run": .string(run.id), "state": state.rawValue.value]))
      return RunbookResult(run: run.id, plan: execution.plan, value: value, exitCode: code)
    case .failure(let failure):
      // A stopped rollout inside a step says less than that the operator stopped the run.
      var ending = await run.stopped ?? failure
      if !failure.leavesStepOpen { await reopen(job, failure, registry) }
      let rollsBack = await rollsBack(job, failure, ending, policy)
      let (state, code) = await registry.end(run, lock: execution.lock, ending, offersWays: !rollsBack)
      // Whoever leaves a question with Ctrl-C stops the run there.
      if ending.mark == .cancelled, state == .interrupted { ending = .interrupted(run.id) }
      guard rollsBack else {
        runs.dialogue.note(ExitNote(code, why: ending.message), of: run.id)
        throw await registry.detaching(ending, of: run).ending(code)
      }
      runs.dialogue.say("  \(failure.message)\nrolling back run \(run.id)")
      do throws(CallFailure) {
        _ = try await undo.rollback(run.id, isConfirmed: true)
      } catch {
        guard error.mark == .nothingToUndo else { throw await notRolledBack(run.id, error, after: failure, registry) }
        runs.dialogue.say("  \(error.message)")
        runs.dialogue.note(ExitNote(code, why: ending.message), of: run.id)
        var told = ending.ending(code)
        let way = "resume(\"\(run.id)\") continues it"
        told.hint = told.hint.map { "\($0); \(way)" } ?? way
        throw told
      }
      throw CallFailure(
        .failed,
        code: "run.rolled_back",
        message: "run \(run.id) failed and was rolled back: \(failure.message)",
        ending: .rolledBack
      )
    }
  }

  /// The failure of a run that was to be rolled back and was not; one that did not begin leaves that to whoever tries again.
  private func notRolledBack(
    _ id: String,
    _ problem: CallFailure,
    after failure: CallFailure,
    _ registry: RunRegistry
  ) async -> CallFailure {
    // Without a journal nothing is concluded: the run is taken up again.
    if problem.isOfJournal { return problem }
    // A rollback that began says what it left and how to continue.
    if [.rollbackFailed, .unknownOutcomes, .interrupted].contains(ExitCode(failure: problem)) { return problem }
    let message = "run \(id) failed and could not be rolled back: \(problem.message)"
    let code: ExitCode = problem.isGivenUp ? .interrupted : .rollbackFailed
    try? await registry.journal.conclude(
      id,
      state: code == .interrupted ? .interrupted : .rollbackFailed,
      reason: "\(failure.message); not rolled back: \(problem.message)",
      exitCode: Int(code.rawValue)
    )
    let way = "rollback(\"\(id)\") tries again"
    return CallFailure(
      code == .interrupted ? .cancelled : .failed,
      code == .interrupted ? .interrupted : nil,
      code: "rollback.not_begun",
      message: message,
      hint: problem.hint.map { "\($0); \(way)" } ?? way,
      ending: code
    )
  }

  private func makeJob(_ execution: Execution, _ policy: FailurePolicy, _ registry: RunRegistry)
    async throws(CallFailure)
    -> Job
  {
    let book = execution.book
    let invoke = try await jobs.open(book, tracing: false)
    var context = book.context(name: "the runbook '\(book.name)'", isDry: false)
    context.admittedSpeeds = execution.plan.speeds
    return jobs.job(
      .live,
      execution.run,
      registry.journal,
      past: execution.past,
      policy: policy,
      invoke: invoke,
      context: context,
      seed: execution.seed
    )
  }

  private func verify(_ execution: Execution, _ value: Value, _ job: Job) async throws(CallFailure) {
    guard execution.book.header.hasVerify else { return }
    var reading = execution.book.context(allowed: [.reads], name: "verify", isDry: false)
    // Its looks are means to an end: what it has to say it raises.
    reading.isQuiet = true
    let given = [execution.book.handed(execution.arguments.table), value, execution.plan.check]
    let answer = try await job.section("verify", given, as: reading)
    if answer == .bool(false) {
      throw CallFailure(
        .failed,
        code: "runbook.verify",
        message: "'\(execution.book.name)' finished, but its verify step failed",
        ending: .budgetBreached
      )
    }
  }

  private func requireCured(_ execution: Execution) async throws(CallFailure) {
    let book = execution.book
    if let failure = await runs.world.rules?.objection(toEnding: book.name, cures: book.header.cures) { throw failure }
  }

  /// A runbook that caught a refusal, or its operator's word that it ends, has not run to its end.
  private func checked(_ result: Result<Value, CallFailure>, _ job: Job) async -> Result<Value, CallFailure> {
    guard case .success = result else { return result }
    let (failures, refused) = (await job.failures, await job.run.refused)
    if let failure = failures.abort ?? failures.refusal ?? refused { return .failure(failure) }
    return result
  }

  private func rollsBack(_ job: Job, _ failure: CallFailure, _ ending: CallFailure, _ policy: FailurePolicy) async
    -> Bool
  {
    let failures = await job.failures
    if failures.wantsRollback { return true }
    // Where this machine cannot reach its hosts, it cannot roll them back either.
    return !ending.leavesStepOpen && !ending.isLocal && failures.policy(of: failure, else: policy) == .rollback
  }

  /// What ended the run is open again: a resume tries it once more.
  private func reopen(_ job: Job, _ failure: CallFailure, _ registry: RunRegistry) async {
    for path in await job.failures.sources(of: failure) {
      try? await registry.journal.reopenStep(run: job.run.id, path: path)
    }
    // A change outside of steps has no attempts of its own.
    let last = await job.run.operations.last { operation in
      guard operation.step.isEmpty, case .failed(let why) = operation.state else { return false }
      return why.isLike(failure)
    }
    if let last { try? await registry.journal.reopenOperation(run: job.run.id, key: last.key) }
  }
}

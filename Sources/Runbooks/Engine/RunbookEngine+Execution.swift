import Journal
import PrimitiveKit
import RunbookHeader
import Runs

/// A run about to be carried out or continued.
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

extension RunbookEngine {
  /// Calls `run` and `verify`, writes down how it ended, and undoes it where that was decided.
  func carryOut(_ execution: Execution, _ start: RunbookStart) async throws(CallFailure) -> RunbookResult {
    let registry = try await registry()
    let (book, run) = (execution.book, execution.run)
    var policy = policy(of: book, start)
    if start.onFailure == nil, dialogue.isInteractive { policy = .stop }
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
    let result = await setting.runs.interrupts.during(run) {
      await CallFailure.result { () async throws(CallFailure) in
        try await registry.findLost(in: run, isOver: false)
        let value = try await section(
          "run",
          [execution.arguments.table, execution.plan.check],
          of: job,
          as: job.context
        )
        try await verify(execution, value, job)
        try await registry.findLost(in: run, isOver: true)
        return value
      }
    }
    let checked = await checked(result, job)
    await compare(execution.plan, with: run.id, isWhole: (try? checked.get()) != nil, registry)
    switch checked {
    case .success(let value):
      let code = await registry.close(run, lock: execution.lock, nil, noted: job.noted.worst)
      dialogue.note(code)
      dialogue.event(SessionEvent("runbook.result", ["run": .string(run.id), "state": "ok".value]))
      return RunbookResult(run: run.id, plan: execution.plan, value: value, exitCode: code)
    case .failure(let failure):
      // A stopped rollout inside a step says less than that the operator stopped the run.
      var ending = await run.stopped ?? failure
      if !failure.leavesStepOpen { await reopen(job, failure, registry) }
      let rollsBack = await rollsBack(job, failure, ending, policy)
      let (state, code) = await registry.end(run, lock: execution.lock, ending)
      // Whoever leaves a question with Ctrl-C stops the run there.
      if ending.mark == .cancelled, state == .interrupted { ending = .interrupted(run.id) }
      guard rollsBack else {
        dialogue.note(code)
        throw await registry.detaching(ending, of: run).ending(code)
      }
      dialogue.say("  \(failure.message)\nrolling back run \(run.id)")
      do throws(CallFailure) {
        _ = try await rollback(run.id, isConfirmed: true)
      } catch {
        guard error.mark == .nothingToUndo else { throw error }
        dialogue.say("  \(error.message)")
        throw ending
      }
      throw CallFailure(
        .failed,
        code: "run.rolled_back",
        message: "run \(run.id) failed and was rolled back: \(failure.message)",
        ending: .rolledBack
      )
    }
  }

  /// What happens with a step that fails and says nothing itself, where nobody is asked.
  func policy(of book: RunbookFile, _ start: RunbookStart) -> FailurePolicy {
    start.onFailure ?? FailurePolicy(rawValue: book.header.policy.onFailure.rawValue) ?? .stop
  }

  private func makeJob(_ execution: Execution, _ policy: FailurePolicy, _ registry: RunRegistry)
    async throws(CallFailure)
    -> Job
  {
    let book = execution.book
    let invoke = try await LuaInvoker(engine: setting.engine, tracing: false)
    try await invoke.open(book.source, name: "@\(book.path)")
    var context = context(book, name: "the runbook '\(book.name)'", isDry: false)
    context.admittedSpeeds = execution.plan.speeds
    return Job(
      Job.Setting(
        mode: .live,
        run: execution.run,
        journal: registry.journal,
        past: execution.past,
        desk: setting.runs.desk(registry.journal),
        policy: policy,
        rollouts: setting.rollouts,
        invoke: invoke,
        context: context,
        seed: execution.seed
      )
    )
  }

  private func verify(_ execution: Execution, _ value: Value, _ job: Job) async throws(CallFailure) {
    guard execution.book.header.hasVerify else { return }
    var reading = context(execution.book, allowed: [.reads], name: "verify", isDry: false)
    // Its looks are means to an end: what it has to say it raises.
    reading.isQuiet = true
    let given = [execution.arguments.table, value, execution.plan.check]
    let answer = try await section("verify", given, of: job, as: reading)
    if answer == .bool(false) {
      throw CallFailure(
        .failed,
        code: "runbook.verify",
        message: "'\(execution.book.name)' ran to its end, and its verify says no",
        ending: .budgetBreached
      )
    }
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
    return !ending.leavesStepOpen && failures.policy(of: failure, else: policy) == .rollback
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

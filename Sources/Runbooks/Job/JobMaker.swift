import Foundations
import Journal
import LuaRuntime
import PrimitiveKit
import Rollout
import RunbookHeader
import Runs

/// Makes the jobs of runbooks: those that are performed, planned, or walked through once more.
struct JobMaker: Sendable {
  let runs: RunSetting
  let lua: LuaEngine
  let rollouts: any RolloutRunner

  /// A runbook's functions; `tracing` says whether uses of unknown values are traced.
  func open(_ book: RunbookFile, tracing: Bool) async throws(CallFailure) -> LuaInvoker {
    let invoke = try await LuaInvoker(engine: lua, authority: book.authority, tracing: tracing)
    try await invoke.open(book.source, name: "@\(book.path)")
    return invoke
  }

  /// A job in `run`, recorded where there is a journal.
  func job(
    _ mode: Job.Mode,
    _ run: Run,
    _ journal: Journal? = nil,
    past: [StepRow] = [],
    policy: FailurePolicy = .stop,
    invoke: LuaInvoker,
    context: CallContext,
    seed: UInt64 = 0,
    moment: Int? = nil
  ) -> Job {
    Job(
      Job.Setting(
        mode: mode,
        run: run,
        journal: journal,
        past: past,
        questions: runs.questions(journal),
        policy: policy,
        rollouts: rollouts,
        invoke: invoke,
        context: context,
        seed: seed,
        moment: moment
      )
    )
  }
}

extension RunbookFile {
  /// What calls in a function of a runbook may do: what its header declares, or less.
  func context(allowed: Set<Effect>? = nil, name: String, isDry: Bool) -> CallContext {
    let effects = allowed ?? header.effects
    var context = CallContext(allowed: effects.union([.reads]), name: name, isDryRun: isDry)
    context.isDeclared = allowed == nil
    context.isQuiet = isDry
    // Its plan is what was confirmed; steps ask for nothing again.
    context.isConfirmed = true
    context.tolerance = .budget
    context.folder = ScriptFolder.of(path)
    return context
  }
}

extension Job {
  /// Calls one of a runbook's functions in its job.
  nonisolated func section(_ name: String, _ arguments: [Value], as context: CallContext)
    async throws(CallFailure) -> Value
  {
    var given = context
    given.run = run
    given.noted = noted
    given.moment = moment
    switch mode {
    case .live: given.voice = .own
    // A plan that is made again has said it already.
    case .dry: given.voice = given.voice == .none ? .none : .plan
    case .collecting: given.voice = .none
    }
    let scope = RunScope(job: self, context: given)
    return try await scope.enter { () async throws(CallFailure) in try await invoke.section(name, arguments) }.get()
  }
}

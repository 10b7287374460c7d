import Journal
package import PrimitiveKit
import RunbookHeader
import Runs

extension RunbookEngine {
  /// Continues a run that ended before its end: the same bytes, what is done is not done again.
  ///
  /// `source` is the present text of the runbook for `--with-new`; nil takes the bytes the run began with. Throws
  /// `run.finished`, `run.differs`, `lock.refused` and what the run itself throws.
  package func resume(_ id: String, withNew source: String? = nil, _ start: RunbookStart = RunbookStart())
    async throws(CallFailure) -> RunbookResult
  {
    let registry = try await registry()
    var header = try await registry.journal.run(id)
    try await resumable(header, registry)
    if isDry { return try await previewResume(of: header, withNew: source, start, registry) }
    switch header.kind {
    case .runbook, .drill, .script: break
    case .rollback: return try await resumeRollback(header)
    case .call: return try await resumeCall(header, registry)
    }
    let reference = try await registry.reference(of: header)
    let text = try await text(of: reference, withNew: source, registry)
    let book = try await load(text, path: reference.path)
    let arguments = try RunbookArguments(header.arguments.tableFields)
    let scopes = try self.scopes(book, arguments, naming: try await registry.targets(of: header))
    let execution = try await registry.locking(scopes, run: header.id, name: book.name, hosts: hosts(in: scopes)) {
      lock throws(CallFailure) in
      // Another process may have gone on with it while the lock was waited for.
      header = try await registry.journal.run(header.id)
      try await resumable(header, registry)
      let replay = try await registry.journal.replay(of: header.id)
      if replay.reads["plan"] == nil, replay.operations.isEmpty { try await abandon(header.id, registry) }
      let (seed, plan) = try registry.kept(replay, header.id)
      var renewed: Plan?
      if source != nil {
        let policy = policy(of: book, start)
        renewed = try await admit(book, arguments, plan, seed: seed, policy: policy, lock, header.id, registry)
      }
      let run = try await registry.take(header.id, lock: lock, world: world)
      if let renewed { try await keep(renewed, book, in: run, lock, registry) }
      return Execution(
        book: book,
        arguments: arguments,
        plan: renewed ?? plan,
        seed: seed,
        run: run,
        lock: lock,
        past: try await registry.journal.steps(of: header.id)
      )
    }
    let (past, done) = (execution.past, execution.past.count { $0.state == .ok })
    dialogue.say(
      "resuming \(header.id): \(book.name) \(book.header.version), \(done) of \(past.count) begun steps are done"
    )
    return try await carryOut(execution, start)
  }

  /// Shows what a resume would do and who holds what it needs; nothing is locked or written down.
  private func previewResume(
    of header: RunHeader,
    withNew source: String?,
    _ start: RunbookStart,
    _ registry: RunRegistry
  ) async throws(CallFailure) -> RunbookResult {
    let result = RunbookResult(run: header.id, plan: nil, value: .null, exitCode: .ok)
    let targets = try await registry.targets(of: header)
    guard header.kind != .call, header.kind != .rollback else {
      dialogue.say("  dry run: would resume \(header.id): \(header.name)")
      try await setting.runs.showLock(scopes(hosts: header.hosts, naming: targets), except: header.id)
      return result
    }
    let reference = try await registry.reference(of: header)
    let book = try await load(try await text(of: reference, withNew: source, registry), path: reference.path)
    let replay = try await registry.journal.replay(of: header.id)
    let (seed, before) = try registry.kept(replay, header.id)
    let steps = try await registry.journal.steps(of: header.id)
    let done = steps.count { $0.state == .ok }
    dialogue.say("  dry run: would resume \(header.id): \(done) of \(steps.count) begun steps are done")
    let rest = try await plan(
      book,
      try RunbookArguments(header.arguments.tableFields),
      id: header.id,
      seed: seed,
      policy: policy(of: book, start),
      past: PlannedPast(steps: steps, replay: replay, check: before.check)
    )
    show(rest)
    return RunbookResult(run: header.id, plan: rest, value: .null, exitCode: .ok)
  }

  private func resumable(_ header: RunHeader, _ registry: RunRegistry) async throws(CallFailure) {
    try setting.runs.interrupts.requireIdle(header.id)
    if let rollback = try await registry.unfinishedRollback(of: header.id) {
      throw CallFailure(
        .refused,
        code: "run.finished",
        message: "run \(header.id) is being rolled back by \(rollback.id), so it does not go on",
        hint: "resume(\"\(rollback.id)\") goes on undoing"
      )
    }
    switch header.state {
    case .running, .interrupted, .detached, .failed, .halted, .unknown, .rollbackFailed: return
    case .ok, .cancelled, .rolledBack:
      throw CallFailure(
        .refused,
        code: "run.finished",
        message: "run \(header.id) has ended (\(header.state.rawValue)); there is nothing to resume",
        hint: header.kind == .rollback
          ? nil : header.state == .ok ? "rollback(\"\(header.id)\") undoes it" : "start it anew"
      )
    }
  }

  private func text(of reference: RunbookReference, withNew source: String?, _ registry: RunRegistry)
    async throws(CallFailure) -> String
  {
    if let source { return source }
    if let text = try await registry.journal.text(reference.sha256) { return text }
    throw CallFailure(
      .refused,
      code: "run.differs",
      message: "the journal has no text of \(reference.name) \(reference.version) (\(reference.sha256.prefix(12)))",
      hint: "resume with --with-new takes the present file, when its steps so far are the same"
    )
  }

  /// Ends a run that nothing can be made of and that did nothing, so that it is not offered again.
  private func abandon(_ id: String, _ registry: RunRegistry) async throws(CallFailure) {
    try await registry.journal.conclude(
      id,
      state: .cancelled,
      reason: "nothing was begun",
      exitCode: Int(ExitCode.cancelled.rawValue)
    )
  }

  /// Continues a single call, for example a `fleet.deploy` typed at the prompt.
  private func resumeCall(_ header: RunHeader, _ registry: RunRegistry) async throws(CallFailure) -> RunbookResult {
    let scopes = scopes(hosts: header.hosts, naming: try await registry.targets(of: header))
    let (run, lock) = try await registry.locking(
      scopes,
      run: header.id,
      name: header.name,
      hosts: hosts(in: scopes)
    ) { lock throws(CallFailure) in
      (try await registry.take(header.id, lock: lock, world: world), lock)
    }
    dialogue.say("resuming \(header.id): \(header.name)")
    var context = CallContext(name: "the resumed call")
    context.run = run
    // Without anything written down nobody knows what was confirmed.
    context.isConfirmed = await run.isContinued
    let given = context
    let call = setting.call
    let result = await CallContext.$current.withValue(given) {
      await CallFailure.result { () async throws(CallFailure) in
        try await call(header.name, header.arguments)
      }
    }
    switch result {
    case .success(let value):
      let code = await registry.close(run, lock: lock, nil)
      return RunbookResult(run: header.id, plan: nil, value: value, exitCode: code)
    case .failure(let failure):
      let (told, code) = await registry.closeCall(run, lock: lock, failure)
      dialogue.note(code)
      throw told
    }
  }
}

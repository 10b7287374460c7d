import Journal
import PrimitiveKit
import RunbookHeader
import Runs

/// Continues runs that stopped early.
struct RunResume: Sendable {
  let runs: RunSetting
  let catalog: RunbookCatalog
  let scopes: RunbookScopes
  let planner: RunbookPlanner
  let changed: ResumeWithNew
  let calls: CallResume
  let executor: RunExecutor
  let undo: RunUndo

  /// Resumes a run, with the present text of its runbook where that is wanted.
  func resume(_ id: String, isNew: Bool) async throws(CallFailure) -> Value {
    guard isNew else { return try await resume(id).value }
    let header = try await runs.registry.open().journal.run(id)
    guard let reference = header.runbook else { return try await resume(id).value }
    return try await resume(header.id, withNew: try catalog.find(reference.path).source).value
  }

  /// Continues a run that ended before its end: the same bytes, what is done is not done again.
  ///
  /// `source` is the present text of the runbook for `--with-new`; nil takes the bytes the run began with. Throws
  /// `run.finished`, `run.differs`, `lock.refused` and what the run itself throws.
  func resume(_ id: String, withNew source: String? = nil, _ start: RunbookStart = RunbookStart())
    async throws(CallFailure) -> RunbookResult
  {
    let registry = try await runs.registry.open()
    let header = try await registry.journal.run(id)
    try await resumable(header, registry)
    if runs.isDry { return try await previewResume(of: header, withNew: source, start, registry) }
    guard let noted = CallContext.current.noted else { return try await carryOn(header, source, start, registry) }
    return try await noted.renewing(header.id) { () throws(CallFailure) in
      try await carryOn(header, source, start, registry)
    }
  }

  private func carryOn(
    _ header: RunHeader,
    _ source: String?,
    _ start: RunbookStart,
    _ registry: RunRegistry
  ) async throws(CallFailure) -> RunbookResult {
    var header = header
    switch header.kind {
    case .runbook, .drill, .script: break
    case .rollback: return try await undo.resumeRollback(header)
    case .call: return try await calls.resume(header, registry)
    }
    let reference = try await registry.reference(of: header)
    let text = try await text(of: reference, withNew: source, registry)
    let book = try await catalog.load(text, path: reference.path)
    let arguments = try RunbookArguments(header.arguments.tableFields)
    let scopes = try self.scopes.scopes(book, arguments, naming: try await registry.targets(of: header))
    let execution = try await registry.locking(
      scopes,
      run: header.id,
      name: book.name,
      hosts: self.scopes.hosts(in: scopes)
    ) {
      lock throws(CallFailure) in
      // Another process may have gone on with it while the lock was waited for.
      header = try await registry.journal.run(header.id)
      try await resumable(header, registry)
      let replay = try await registry.journal.replay(of: header.id)
      if replay.reads["plan"] == nil, replay.operations.isEmpty { try await abandon(header.id, registry) }
      let (seed, plan) = try registry.kept(replay, header.id)
      if source == nil { try requireSameModules(plan, book) }
      var renewed: Plan?
      if source != nil {
        let policy = start.policy(of: book)
        renewed = try await changed.admit(book, arguments, plan, seed: seed, policy: policy, lock, header.id, registry)
      }
      let run = try await registry.take(header.id, lock: lock, world: book.world(runs.world))
      if let renewed { try await changed.keep(renewed, book, in: run, lock, registry) }
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
    runs.dialogue.say(
      "resuming \(header.id): \(book.name) \(book.header.version), \(done) of \(past.count) started steps are done"
    )
    return try await executor.carryOut(execution, start)
  }

  /// Shows what a resume would do and who holds what it needs; nothing is locked or recorded.
  private func previewResume(
    of header: RunHeader,
    withNew source: String?,
    _ start: RunbookStart,
    _ registry: RunRegistry
  ) async throws(CallFailure) -> RunbookResult {
    let result = RunbookResult(run: header.id, plan: nil, value: .null, exitCode: .ok)
    let targets = try await registry.targets(of: header)
    // Of a rollback that is the plan of what is left to undo.
    if header.kind == .rollback, let parent = header.parent { return try await undo.rollback(parent) }
    guard header.kind != .call, header.kind != .rollback else {
      let rows = try await registry.journal.operations(of: header.id)
      let done = Set(rows.filter { $0.state == .done }.map(\.target.subject))
      let left = header.hosts.filter { !done.contains($0) }
      let words = left.isEmpty ? "nothing is left to do" : "left: \(NameSet(names: left).folded)"
      runs.dialogue.say("  dry run: would resume \(header.id): \(header.name); \(words)")
      if let words = await gateWords() { runs.dialogue.say("  gate: \(words)") }
      try await runs.showLock(scopes.scopes(hosts: header.hosts, naming: targets), except: header.id)
      return result
    }
    let reference = try await registry.reference(of: header)
    let book = try await catalog.load(try await text(of: reference, withNew: source, registry), path: reference.path)
    let replay = try await registry.journal.replay(of: header.id)
    let (seed, before) = try registry.kept(replay, header.id)
    let steps = try await registry.journal.steps(of: header.id)
    let done = steps.count { $0.state == .ok }
    runs.dialogue.say("  dry run: would resume \(header.id): \(done) of \(steps.count) started steps are done")
    var rest = try await planner.plan(
      book,
      try RunbookArguments(header.arguments.tableFields),
      id: header.id,
      seed: seed,
      policy: start.policy(of: book),
      past: PlannedPast(steps: steps, replay: replay, check: before.check)
    )
    rest.objection = book.header.isEmergency ? nil : await gateWords()
    planner.show(rest)
    return RunbookResult(run: header.id, plan: rest, value: .null, exitCode: .ok)
  }

  /// What gates say now; nil when all let it continue.
  ///
  /// They stop a resumed run between waves, not at its beginning: it may be what mends the findings.
  private func gateWords() async -> String? {
    switch await runs.world.rules?.passes(.wave(done: [])) {
    case .refuse(let why, _)?: "\(why); checked again between waves"
    case .unknown(let why)?: "cannot tell: \(why); checked again between waves"
    case .allow?, nil: nil
    }
  }

  /// The same bytes do the same only with the modules they had.
  ///
  /// Throws `run.differs` naming those that changed.
  private func requireSameModules(_ plan: Plan, _ book: RunbookFile) throws(CallFailure) {
    guard let before = plan.modules else { return }
    let now = planner.modules(of: book) ?? [:]
    let changed = before.keys.sorted().filter { now[$0] != before[$0] }
    guard !changed.isEmpty else { return }
    throw CallFailure(
      .refused,
      code: "run.differs",
      message: "\(changed.joined(separator: ", ")) changed since the run was planned",
      hint: "restore the module, or resume with --with-new, which plans the rest again"
    )
  }

  private func resumable(_ header: RunHeader, _ registry: RunRegistry) async throws(CallFailure) {
    try runs.interrupts.requireIdle(header.id)
    if let rollback = try await registry.unfinishedRollback(of: header.id) {
      throw CallFailure(
        .refused,
        code: "run.finished",
        message: "run \(header.id) is being rolled back by \(rollback.id), so it cannot be resumed",
        hint: "resume(\"\(rollback.id)\") continues the rollback"
      )
    }
    switch header.state {
    case .running, .interrupted, .detached, .failed, .halted, .unknown, .rollbackFailed: return
    case .waiting where header.isUnderWay: return
    case .waiting:
      throw CallFailure(
        .refused,
        .awaitsApproval,
        code: "run.waiting",
        message: "run \(header.id) has not started: \(header.stateReason ?? "it is waiting")",
        hint: "ask another operator to run `opsh approve \(header.id)`, then start it again"
      )
    case .ok, .partial, .cancelled, .rolledBack:
      throw CallFailure(
        .refused,
        code: "run.finished",
        message: "run \(header.id) has ended (\(header.state.rawValue)); there is nothing to resume",
        hint: header.kind == .rollback
          ? nil : header.state.isThrough ? "rollback(\"\(header.id)\") undoes it" : "start it again"
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
      hint: "resume with --with-new to use the current file, if its steps so far are unchanged"
    )
  }

  /// Ends a run that nothing can be made of and that did nothing, so that it is not offered again.
  private func abandon(_ id: String, _ registry: RunRegistry) async throws(CallFailure) {
    try await registry.journal.conclude(
      id,
      state: .cancelled,
      reason: "nothing was started",
      exitCode: Int(ExitCode.cancelled.rawValue)
    )
  }
}

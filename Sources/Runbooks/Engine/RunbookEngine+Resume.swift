import Journal
package import PrimitiveKit

extension RunbookEngine {
  /// Continues a run that ended before its end: the same bytes, what is done is not done again.
  ///
  /// `source` is the present text of the runbook for `--with-new`; nil takes the bytes the run began with. Throws
  /// `run.finished`, `run.differs`, `lock.refused` and what the run itself throws.
  package func resume(_ id: String, withNew source: String? = nil, _ start: RunbookStart = RunbookStart())
    async throws(CallFailure) -> RunbookResult
  {
    let registry = try await registry()
    let header = try await registry.journal.run(id)
    try resumable(header)
    switch header.kind {
    case .runbook, .drill, .script: break
    case .rollback: return try await resumeRollback(header)
    case .call: return try await resumeCall(header, registry)
    }
    guard let reference = header.runbook else {
      throw CallFailure(code: "run.differs", message: "run \(header.id) names no runbook, so it cannot go on")
    }
    let text = try await text(of: reference, withNew: source, registry)
    let book = try await load(text, path: reference.path)
    let arguments = try RunbookArguments(header.arguments.tableFields)
    let replay = try await registry.journal.replay(of: header.id)
    let past = try await registry.journal.steps(of: header.id)
    let (seed, plan) = try kept(replay, registry, header.id)
    if source != nil { try await checkPrefix(book, arguments, past, plan, seed: seed, header.id) }
    let scopes = try scopes(book, arguments)
    let lock = try await registry.lock(scopes, run: header.id, name: book.name, hosts: hosts(in: scopes))
    let run: Run
    do throws(CallFailure) {
      run = try await registry.take(header.id, lock: lock, world: world)
    } catch {
      await lock?.release()
      throw error
    }
    let done = past.count { $0.state == .ok }
    dialogue.say(
      "resuming \(header.id): \(book.name) \(book.header.version), \(done) of \(past.count) begun steps are done"
    )
    return try await carryOut(
      Execution(book: book, arguments: arguments, plan: plan, seed: seed, run: run, lock: lock, past: past),
      start
    )
  }

  private func resumable(_ header: RunHeader) throws(CallFailure) {
    switch header.state {
    case .running, .interrupted, .detached, .failed, .halted, .unknown, .rollbackFailed: return
    case .ok, .cancelled, .rolledBack:
      throw CallFailure(
        code: "run.finished",
        message: "run \(header.id) has ended (\(header.state.rawValue)); there is nothing to resume",
        hint: header.state == .ok ? "rollback(\"\(header.id)\") undoes it" : "start it anew"
      )
    }
  }

  private func text(of reference: RunbookReference, withNew source: String?, _ registry: RunRegistry)
    async throws(CallFailure) -> String
  {
    if let source { return source }
    if let text = try await registry.journal.text(reference.sha256) { return text }
    throw CallFailure(
      code: "run.differs",
      message: "the journal has no text of \(reference.name) \(reference.version) (\(reference.sha256.prefix(12)))",
      hint: "resume with --with-new takes the present file, when its steps so far are the same"
    )
  }

  /// The seed and the plan that the run began with.
  func kept(_ replay: RunReplay, _ registry: RunRegistry, _ id: String) throws(CallFailure) -> (UInt64, Plan) {
    guard let seed = replay.reads["seed"], let plan = replay.reads["plan"] else {
      throw CallFailure(
        code: "run.differs",
        message: "run \(id) ended before its plan was written down; nothing was changed",
        hint: "start it anew"
      )
    }
    return (
      try registry.coding.decode(UInt64.self, from: seed), try registry.coding.decode(Plan.self, from: plan)
    )
  }

  /// A changed runbook may go on only where everything it did so far is the same.
  private func checkPrefix(
    _ book: RunbookFile,
    _ arguments: RunbookArguments,
    _ past: [StepRow],
    _ before: Plan,
    seed: UInt64,
    _ id: String
  ) async throws(CallFailure) {
    let now = try await plan(book, arguments, id: id, seed: seed)
    let executed = past.filter { !$0.path.contains("/") && !$0.path.contains("~") }
    for (position, row) in executed.enumerated() {
      let step = position < now.steps.count ? now.steps.filter({ !$0.path.contains("/") })[safe: position] : nil
      guard let step, step.path == row.path, step.argumentsHash == row.argumentsHash else {
        let found = step.map { $0.path == row.path ? "'\($0.path)' with other options" : "'\($0.path)'" } ?? "nothing"
        throw CallFailure(
          code: "run.differs",
          message: "step \(position + 1) was '\(row.path)', and the changed runbook has \(found) there",
          hint:
            "`opsh resume \(id)` goes on with the old bytes; `opsh fork \(id) --from \"\(row.path)\"` begins a new run there"
        )
      }
    }
  }

  /// Continues a single call, for example a `fleet.deploy` typed at the prompt.
  private func resumeCall(_ header: RunHeader, _ registry: RunRegistry) async throws(CallFailure) -> RunbookResult {
    let scopes = setting.site.scopes(header.hosts)
    let lock = try await registry.lock(scopes, run: header.id, name: header.name, hosts: hosts(in: scopes))
    let run: Run
    do throws(CallFailure) {
      run = try await registry.take(header.id, lock: lock, world: world)
    } catch {
      await lock?.release()
      throw error
    }
    dialogue.say("resuming \(header.id): \(header.name)")
    var context = CallContext(name: "the resumed call")
    context.run = run
    // Without anything written down nobody knows what was confirmed.
    context.isConfirmed = await run.isContinued
    let given = context
    let call = setting.call
    let result = await CallContext.$current.withValue(given) {
      await LuaInvoker.result { () async throws(CallFailure) in
        try await call(header.name, header.arguments)
      }
    }
    switch result {
    case .success(let value):
      let code = await registry.close(run, lock: lock, nil)
      return RunbookResult(run: header.id, plan: nil, value: value, exitCode: code)
    case .failure(let failure):
      dialogue.note(await registry.close(run, lock: lock, failure))
      throw failure
    }
  }
}

extension Array {
  /// The element, or nil where there is none.
  subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

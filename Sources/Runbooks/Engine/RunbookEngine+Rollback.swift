import Journal
package import PrimitiveKit

extension RunbookEngine {
  /// Undoes what a run did, the last first: planned, confirmed, written down, and itself resumable.
  ///
  /// Throws `run.not_found`, `run.finished` for one that is rolled back already, `plan.declined`, `rollback.failed`.
  package func rollback(_ id: String, isConfirmed: Bool = false) async throws(CallFailure) -> RunbookResult {
    let registry = try await registry()
    let header = try await registry.journal.run(id)
    guard header.state != .rolledBack else {
      throw CallFailure(code: "run.finished", message: "run \(header.id) is rolled back already")
    }
    let rollback = RunID.make(seed: world.drawSeed(), now: world.now())
    let rows = try await registry.journal.operations(of: header.id)
    let scopes = setting.site.scopes(header.hosts.isEmpty ? Array(Set(rows.map(\.target.host))).sorted() : header.hosts)
    let lock = try await registry.lock(scopes, run: rollback, name: "rollback of \(header.id)", hosts: header.hosts)
    let run: Run
    let undoing: Undoing
    do throws(CallFailure) {
      undoing = try await self.undoing(header, rows, registry)
      dialogue.say(undoing.plan.render(of: header, rows))
      if setting.options.isDryRun {
        await lock?.release()
        return RunbookResult(run: header.id, plan: nil, value: .null, exitCode: .ok)
      }
      if !isConfirmed { try await confirmRollback(undoing.plan, rollback) }
      let new = RunHeader(
        id: rollback,
        name: "rollback of \(header.name)",
        kind: .rollback,
        identity: registry.journal.identity,
        runbook: header.runbook,
        arguments: header.arguments,
        hosts: header.hosts,
        parent: header.id
      )
      run = try await registry.begin(new, lock: lock, world: world)
    } catch {
      await lock?.release()
      throw error
    }
    dialogue.say("run: \(run.id)")
    return try await undo(undoing, of: header, in: run, lock: lock, past: [])
  }

  /// Continues a rollback that was interrupted.
  func resumeRollback(_ header: RunHeader) async throws(CallFailure) -> RunbookResult {
    let registry = try await registry()
    guard let parent = header.parent else {
      throw CallFailure(code: "run.differs", message: "rollback \(header.id) does not say of which run")
    }
    let undone = try await registry.journal.run(parent)
    let rows = try await registry.journal.operations(of: parent)
    let lock = try await registry.lock(
      setting.site.scopes(header.hosts),
      run: header.id,
      name: header.name,
      hosts: header.hosts
    )
    let run: Run
    let undoing: Undoing
    do throws(CallFailure) {
      undoing = try await self.undoing(undone, rows, registry)
      run = try await registry.take(header.id, lock: lock, world: world)
    } catch {
      await lock?.release()
      throw error
    }
    dialogue.say("resuming rollback \(header.id) of \(parent)")
    let past = try await registry.journal.steps(of: header.id)
    return try await undo(undoing, of: undone, in: run, lock: lock, past: past)
  }

  /// What undoes a run, with the Lua functions that its steps registered.
  private func undoing(_ header: RunHeader, _ rows: [OperationRow], _ registry: RunRegistry)
    async throws(CallFailure) -> Undoing
  {
    guard let reference = header.runbook, let text = try await registry.journal.text(reference.sha256) else {
      return Undoing(plan: RollbackPlan(rows, undos: []), book: nil, invoke: nil, arguments: header.arguments)
    }
    let book = try await load(text, path: reference.path)
    let invoke = try await LuaInvoker(engine: setting.engine, tracing: false)
    try await invoke.open(book.source, name: "@\(book.path)")
    let replay = try await registry.journal.replay(of: header.id)
    let past = try await registry.journal.steps(of: header.id)
    // Nothing may happen while the finished steps are walked through again.
    let run = Run(id: header.id, world: world, replay: replay, coding: registry.coding)
    await run.stopStarting(Job.collected)
    var plan: Plan?
    if let text = replay.reads["plan"] { plan = try registry.coding.decode(Plan.self, from: text) }
    var seed: UInt64 = 0
    if let text = replay.reads["seed"] { seed = try registry.coding.decode(UInt64.self, from: text) }
    let job = Job(
      Job.Setting(
        mode: .collecting,
        run: run,
        journal: nil,
        past: past,
        desk: desk(registry.journal),
        policy: .stop,
        rollouts: setting.rollouts,
        invoke: invoke,
        context: context(book, allowed: book.header.effects, name: "the undone runbook", isDry: false),
        seed: seed
      )
    )
    if !book.header.hasUndo {
      _ = await LuaInvoker.result { () async throws(CallFailure) in
        try await section("run", [header.arguments, plan?.check ?? .null], of: job, as: job.context)
      }
    }
    return Undoing(
      plan: RollbackPlan(rows, undos: await job.undos),
      book: book,
      invoke: invoke,
      arguments: header.arguments
    )
  }

  private func confirmRollback(_ plan: RollbackPlan, _ run: String) async throws(CallFailure) {
    let expected = "\(plan.hosts.count)"
    let typed = try await desk(nil).confirm(
      run: run,
      id: "proceed",
      text: "Undo this? the number of hosts,",
      expecting: expected
    )
    guard typed == expected else {
      throw CallFailure(
        code: "plan.declined",
        message: "not confirmed: expected \(expected); nothing was undone",
        hint: "run it again and type exactly what it asks for"
      )
    }
  }
}

/// A rollback with what its functions need.
struct Undoing: Sendable {
  let plan: RollbackPlan
  let book: RunbookFile?
  let invoke: LuaInvoker?
  let arguments: Value
}

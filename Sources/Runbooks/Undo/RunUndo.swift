import Journal
import PrimitiveKit
import Runs

/// Rolls runs back.
struct RunUndo: Sendable {
  let runs: RunSetting
  let scopes: RunbookScopes
  let planner: UndoPlanner
  let confirmation: PlanConfirmation
  let execution: UndoExecution

  /// Undoes what a run did, the last first: planned, confirmed, written down, and itself resumable.
  ///
  /// An interrupted rollback continues. Throws `run.not_found`, `run.taken` for a run that somebody works on,
  /// `run.finished` for one that is rolled back already, `run.nothing_to_undo`, `plan.declined`, `rollback.failed`.
  func rollback(_ id: String, isConfirmed: Bool = false) async throws(CallFailure) -> RunbookResult {
    let registry = try await runs.registry.open()
    var header = try await registry.journal.run(id)
    try undoable(header)
    if runs.isDry { return try await previewRollback(of: header, registry) }
    if let begun = try await registry.unfinishedRollback(of: header.id) { return try await resumeRollback(begun) }
    let rollback = RunID.make(seed: runs.world.drawSeed(), now: runs.world.now())
    let targets = try await registry.targets(of: header)
    let scopes = self.scopes.scopes(hosts: header.hosts, naming: targets)
    let (run, lock, undoing) = try await registry.locking(
      scopes,
      run: rollback,
      name: "rollback of \(header.id)",
      hosts: self.scopes.hosts(in: scopes)
    ) { lock throws(CallFailure) in
      // Somebody may have gone on with it while the lock was waited for.
      header = try await registry.journal.run(header.id)
      try undoable(header)
      let undoing = try await planner.undoing(header, registry)
      try await lock.take(undoing.targets.flatMap(\.scopes))
      runs.dialogue.say(
        undoing.render(of: header, try await registry.journal.operations(of: header.id, withTexts: true))
      )
      try requireSomething(undoing, header)
      let asked = isConfirmed ? nil : try await confirmRollback(undoing, rollback)
      let new = RunHeader(
        id: rollback,
        name: "rollback of \(header.name)",
        kind: .rollback,
        identity: registry.journal.identity,
        runbook: header.runbook,
        arguments: header.arguments,
        hosts: header.hosts.isEmpty ? Set(targets.compactMap(\.hostName)).sorted() : header.hosts,
        parent: header.id
      )
      let beginning = RunBeginning(confirmation: asked)
      return (try await registry.begin(new, with: beginning, lock: lock, world: runs.world), lock, undoing)
    }
    runs.dialogue.say("run: \(run.id)")
    return try await execution.undo(undoing, of: header, in: run, lock: lock, past: [])
  }

  /// Continues a rollback that was interrupted.
  func resumeRollback(_ header: RunHeader) async throws(CallFailure) -> RunbookResult {
    let registry = try await runs.registry.open()
    guard let parent = header.parent else {
      throw CallFailure(.refused, code: "run.differs", message: "rollback \(header.id) does not say of which run")
    }
    let undone = try await registry.journal.run(parent)
    let targets = try await registry.targets(of: undone) + registry.targets(of: header)
    let scopes = self.scopes.scopes(hosts: header.hosts, naming: targets)
    let (run, lock, undoing, past) = try await registry.locking(
      scopes,
      run: header.id,
      name: header.name,
      hosts: self.scopes.hosts(in: scopes)
    ) { lock throws(CallFailure) in
      let run = try await registry.take(header.id, lock: lock, world: runs.world)
      let undoing = try await planner.undoing(undone, registry)
      return (run, lock, undoing, try await registry.journal.steps(of: header.id))
    }
    runs.dialogue.say("resuming rollback \(header.id) of \(parent)")
    return try await execution.undo(undoing, of: undone, in: run, lock: lock, past: past)
  }

  private func undoable(_ header: RunHeader) throws(CallFailure) {
    try runs.interrupts.requireIdle(header.id)
    if header.kind == .rollback {
      throw CallFailure(
        .refused,
        code: "run.finished",
        message: "run \(header.id) is itself a rollback, of run \(header.parent ?? "?")",
        hint: "run it again from the start"
      )
    }
    if header.state == .rolledBack {
      throw CallFailure(.refused, code: "run.finished", message: "run \(header.id) is rolled back already")
    }
    guard header.isUnderWay else { return }
    let who = header.identity
    throw CallFailure(
      .refused,
      code: "run.taken",
      message: "run \(header.id) is carried out by \(who.operatorName) on \(who.host), process \(who.pid)",
      hint: "stop it there first"
    )
  }

  private func requireSomething(_ undoing: Undoing, _ header: RunHeader) throws(CallFailure) {
    guard undoing.isEmpty else { return }
    let rest = undoing.plan.irreversible.count + undoing.plan.unknown.count
    throw CallFailure(
      .refused,
      .nothingToUndo,
      code: "run.nothing_to_undo",
      message: undoing.plan.asFound.isEmpty
        ? "run \(header.id) did nothing that can be undone"
        : "nothing is left to undo of run \(header.id): \(RollbackPlan.words(undoing.plan.asFound)) is as it was",
      hint: rest == 0
        ? nil
        : "\(rest == 1 ? "1 change stays as it is" : "\(rest) changes stay as they are"): `run(\"\(header.id)\")` shows more"
    )
  }

  /// Shows what a rollback would undo and who holds what it needs; nothing is locked or written down.
  private func previewRollback(of header: RunHeader, _ registry: RunRegistry) async throws(CallFailure)
    -> RunbookResult
  {
    let undoing = try await planner.undoing(header, registry)
    runs.dialogue.say(undoing.render(of: header, try await registry.journal.operations(of: header.id)))
    try requireSomething(undoing, header)
    if let begun = try await registry.unfinishedRollback(of: header.id) {
      runs.dialogue.say("  dry run: would resume rollback \(begun.id)")
    }
    let targets = try await registry.targets(of: header) + undoing.targets
    try await runs.showLock(scopes.scopes(hosts: header.hosts, naming: targets), except: header.id)
    return RunbookResult(run: header.id, plan: nil, value: .null, exitCode: .ok)
  }

  private func confirmRollback(_ undoing: Undoing, _ run: String) async throws(CallFailure) -> AnsweredQuestion {
    let targets = undoing.targets
    let count = targets.subjects.count
    let noun = targets.allSatisfy { $0.kind == .host } ? "hosts" : "targets"
    var asked =
      count == 0
      ? Confirmation("Undo this?", word: "yes")
      : Confirmation("Undo this?", what: "the number of \(noun) (\(count))", answer: "\(count)")
    asked.spared = "nothing was undone"
    let typed = try await runs.questions(nil).confirm(run: run, id: "proceed", asked)
    try asked.check(typed)
    return try await confirmation.answered(asked, typed)
  }
}

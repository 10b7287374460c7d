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

  /// Undoes what a run did, the last first: planned, confirmed, recorded, and itself resumable.
  ///
  /// What of it is in flight or of unknown outcome is looked up before, as a resume does. An interrupted rollback continues.
  /// `isMarking` marks the releases that are left as bad, whoever judged them. Throws `run.not_found`, `run.taken` for a run
  /// that somebody works on, `run.finished` for one that is rolled back already, `run.nothing_to_undo`, `plan.declined`,
  /// `rollback.*` for one that stops, or leaves something.
  func rollback(_ id: String, isConfirmed: Bool = false, isMarking: Bool = false) async throws(CallFailure)
    -> RunbookResult
  {
    let registry = try await runs.registry.open()
    var header = try await registry.journal.run(id)
    try undoable(header)
    if runs.isDry { return try await previewRollback(of: header, isMarking: isMarking, registry) }
    if let begun = try await registry.unfinishedRollback(of: header.id) {
      return try await resumeRollback(begun, isMarking: isMarking)
    }
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
      if let begun = try await registry.unfinishedRollback(of: header.id) {
        throw CallFailure(
          .refused,
          code: "run.taken",
          message: "rollback \(begun.id) of run \(header.id) began in the meantime and is not finished",
          hint: "continue it with: opsh rollback \(header.id)"
        )
      }
      try await registry.findLost(of: header, by: lock, world: runs.world)
      let undoing = try await planner.undoing(header, registry, isMarking: isMarking)
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
      let terms = try registry.coding.encode(undoing.terms)
      let beginning = RunBeginning(kept: [UndoTerms.key: terms], confirmation: asked)
      return (try await registry.begin(new, with: beginning, lock: lock, world: runs.world), lock, undoing)
    }
    runs.dialogue.say("run: \(run.id)")
    return try await execution.undo(undoing, of: header, in: run, lock: lock, past: [])
  }

  /// Continues a rollback that was interrupted, and marks the releases that are left where that is asked for now.
  ///
  /// One whose run was rolled back by another has nothing left to do and ends.
  func resumeRollback(_ header: RunHeader, isMarking: Bool = false) async throws(CallFailure) -> RunbookResult {
    let registry = try await runs.registry.open()
    guard let parent = header.parent else {
      throw CallFailure(
        .refused,
        code: "run.differs",
        message: "rollback \(header.id) does not record which run it undoes"
      )
    }
    var undone = try await registry.journal.run(parent)
    let targets = try await registry.targets(of: undone) + registry.targets(of: header)
    let scopes = self.scopes.scopes(hosts: header.hosts, naming: targets)
    let (run, lock, undoing, past) = try await registry.locking(
      scopes,
      run: header.id,
      name: header.name,
      hosts: self.scopes.hosts(in: scopes)
    ) { lock throws(CallFailure) in
      // Somebody may have undone it while the lock was waited for, and changed it since.
      undone = try await registry.journal.run(parent)
      if undone.state == .rolledBack {
        return (try await registry.take(header.id, lock: lock, world: runs.world), lock, Undoing?.none, [StepRow]())
      }
      try await registry.findLost(of: undone, by: lock, world: runs.world)
      let run = try await registry.take(header.id, lock: lock, world: runs.world)
      if isMarking { _ = try await run.recorded(UndoTerms.markKey, at: "") { () throws(CallFailure) in true } }
      let terms = try UndoTerms.kept(try await registry.journal.replay(of: header.id), registry.coding)
      let undoing = try await planner.undoing(undone, registry, terms: terms)
      return (run, lock, undoing, try await registry.journal.steps(of: header.id))
    }
    guard let undoing else {
      let code = await registry.close(run, lock: lock, nil)
      runs.dialogue.say("run \(parent) has already been rolled back")
      return RunbookResult(run: run.id, plan: nil, value: .string(parent), exitCode: code)
    }
    runs.dialogue.say("resuming rollback \(header.id) of \(parent)")
    runs.dialogue.say(
      undoing.render(of: undone, try await registry.journal.operations(of: undone.id, withTexts: true))
    )
    return try await execution.undo(undoing, of: undone, in: run, lock: lock, past: past)
  }

  private func undoable(_ header: RunHeader) throws(CallFailure) {
    try runs.interrupts.requireIdle(header.id)
    if header.kind == .rollback {
      throw CallFailure(
        .refused,
        code: "run.finished",
        message: "run \(header.id) is itself a rollback, of run \(header.parent ?? "?")",
        hint: "start it again from the beginning"
      )
    }
    if header.state == .rolledBack {
      throw CallFailure(.refused, code: "run.finished", message: "run \(header.id) has already been rolled back")
    }
    guard header.isUnderWay else { return }
    let who = header.identity
    throw CallFailure(
      .refused,
      code: "run.taken",
      message: "run \(header.id) is in progress: \(who.operatorName) on \(who.host), process \(who.pid)",
      hint: "stop it there first"
    )
  }

  private func requireSomething(_ undoing: Undoing, _ header: RunHeader) throws(CallFailure) {
    let plan = undoing.plan
    guard undoing.isEmpty else {
      // Nothing is begun that could not do anything.
      guard undoing.rehearsal == nil, undoing.reached.isEmpty, plan.acts.allSatisfy(\.isOfInverses) else { return }
      guard let first = undoing.survey.silent.first else {
        guard let first = undoing.survey.barred.first else { return }
        throw CallFailure(
          .refused,
          code: "rollback.impossible",
          message: "nothing in run \(header.id) can be undone: \(first.target.subject): \(first.why)",
          hint: "put back what is missing, or deploy a release that the site offers"
        )
      }
      let names = undoing.survey.silent.map(\.target).folded
      throw CallFailure(
        .unavailable,
        code: "rollback.unreachable",
        message: "no target that run \(header.id) changed can be reached: \(names): \(first.why)",
        hint: "nothing was undone; try again with rollback(\"\(header.id)\")"
      )
    }
    guard plan.doubtful.isEmpty else {
      let words = RollbackPlan.words(plan.doubtful)
      throw CallFailure(
        .unknownOutcome,
        code: "rollback.unknown",
        message: "nothing in run \(header.id) can be undone yet; unknown outcomes: \(words)",
        hint: "check again with rollback(\"\(header.id)\"); record what no host can tell with resolve()"
      )
    }
    let rest = plan.irreversible.count + plan.unknown.count
    throw CallFailure(
      .refused,
      .nothingToUndo,
      code: "run.nothing_to_undo",
      message: plan.asFound.isEmpty
        ? "run \(header.id) did nothing that can be undone"
        : "nothing to undo in run \(header.id): \(RollbackPlan.words(plan.asFound)) is as it was",
      hint: rest == 0
        ? nil
        : "\(rest == 1 ? "1 change stays as it is" : "\(rest) changes stay as they are"): `run(\"\(header.id)\")` shows more"
    )
  }

  /// Shows what a rollback would undo and who holds what it needs; nothing is locked or recorded.
  private func previewRollback(of header: RunHeader, isMarking: Bool, _ registry: RunRegistry)
    async throws(CallFailure) -> RunbookResult
  {
    let begun = try await registry.unfinishedRollback(of: header.id)
    var terms: UndoTerms?
    if let begun { terms = try UndoTerms.kept(try await registry.journal.replay(of: begun.id), registry.coding) }
    if isMarking { terms?.markAll() }
    let undoing = try await planner.undoing(header, registry, isMarking: isMarking, terms: terms)
    let rows = try await registry.journal.operations(of: header.id, withTexts: true)
    runs.dialogue.say(undoing.render(of: header, rows, isPreview: true))
    // What is in flight a live rollback looks up first.
    if !undoing.isEmpty || undoing.plan.doubtful.isEmpty { try requireSomething(undoing, header) }
    if let begun {
      runs.dialogue.say("  dry run: would resume rollback \(begun.id)")
    }
    let targets = try await registry.targets(of: header) + undoing.targets
    try await runs.showLock(scopes.scopes(hosts: header.hosts, naming: targets), except: header.id)
    return RunbookResult(run: header.id, plan: nil, value: .null, exitCode: .ok)
  }

  private func confirmRollback(_ undoing: Undoing, _ run: String) async throws(CallFailure) -> AnsweredQuestion {
    let targets = undoing.reached
    let count = targets.subjects.count
    let noun = RollbackPlan.noun(targets)
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

import Journal
import PrimitiveKit
import RunbookHeader
import Runs

/// What undoes a run, with what its functions need.
struct Undoing: Sendable {
  var plan: RollbackPlan
  /// Nil for a run of no runbook: a single call.
  let book: RunbookFile?
  let invoke: LuaInvoker
  let arguments: Value
  /// What the runbook's own `undo` would do; nil where the plan says what is done.
  var rehearsal: [OperationRecord]?
  /// What a look at what it changes found.
  var survey = UndoSurvey()
  /// What is said of releases and gates before anybody confirms.
  var terms = UndoTerms()
  /// Releases that the run itself marked bad: they are offered again.
  var cleared: [BadRelease] = []

  /// What it acts on, as far as that is known beforehand.
  var targets: [OperationTarget] { rehearsal.map { $0.map(\.target) } ?? plan.targets }

  /// What it changes: without what did not answer and what cannot be brought back.
  var reached: [OperationTarget] {
    let leftOut = Set(survey.leftOut.map(\.target.subject))
    return targets.filter { !leftOut.contains($0.subject) }
  }

  /// Whether there is nothing to do.
  var isEmpty: Bool { plan.isEmpty && rehearsal == nil }
}

/// Finds out what undoes a run.
struct UndoPlanner: Sendable {
  let runs: RunSetting
  let catalog: RunbookCatalog
  let jobs: JobMaker
  /// Where a dry run had to guess, from the Lua engine.
  let inexact: InexactPoints

  /// Finds out what undoes a run and looks at what that changes; nothing is done.
  ///
  /// `isMarking` marks the releases that are left as bad, whoever judged them. A rollback that is taken up keeps to its
  /// `terms`.
  func undoing(
    _ header: RunHeader,
    _ registry: RunRegistry,
    isMarking: Bool = false,
    terms: UndoTerms? = nil
  ) async throws(CallFailure) -> Undoing {
    let rows = try await registry.journal.operations(of: header.id, withTexts: true)
    var undoing = try await planned(header, rows, registry)
    undoing.plan.releases = runs.world.releases
    undoing.survey = try await UndoSurvey(undoing.plan, in: runs)
    undoing.cleared = try await registry.journal.badReleases().filter { $0.run == header.id && !$0.isOfRollback }
    if let terms {
      undoing.terms = terms
      return undoing
    }
    let kept = try await registry.journal.replay(of: header.id).reads
    undoing.terms.releases = UndoTerms.releases(rows, kept: kept, isMarking: isMarking, registry.coding)
    undoing.terms.refusing = Set(await runs.world.rules?.refusals(at: .wave(done: [])).keys.map { $0 } ?? [])
    return undoing
  }

  /// What undoes a run, with the Lua functions that its steps registered.
  private func planned(_ header: RunHeader, _ rows: [OperationRow], _ registry: RunRegistry)
    async throws(CallFailure) -> Undoing
  {
    let journal = registry.journal
    let steps = try await journal.steps(of: header.id)
    var reference = header.runbook
    if reference != nil { reference = try await registry.reference(of: header) }
    guard let reference, let text = try await journal.text(reference.sha256) else {
      let plan = RollbackPlan(rows, steps: steps, undos: [], coding: registry.coding)
      let invoke = try await LuaInvoker(engine: jobs.lua, tracing: false)
      return Undoing(plan: plan, book: nil, invoke: invoke, arguments: header.arguments)
    }
    let book = try await catalog.load(text, path: reference.path)
    let invoke = try await jobs.open(book, tracing: false)
    if book.header.hasUndo {
      let plan = RollbackPlan(rows, steps: steps, undos: [], isWhole: true, coding: registry.coding)
      let rehearsal = try await rehearse(book, header)
      let arguments = book.handed(header.arguments)
      return Undoing(plan: plan, book: book, invoke: invoke, arguments: arguments, rehearsal: rehearsal)
    }
    let (undos, loops) = try await collect(book, invoke, header, steps, registry)
    let plan = RollbackPlan(rows, steps: steps, undos: undos, loops: loops, coding: registry.coding)
    return Undoing(plan: plan, book: book, invoke: invoke, arguments: book.handed(header.arguments))
  }

  /// Walks through a run once more, which answers from the journal, for the undo functions of its steps.
  private func collect(
    _ book: RunbookFile,
    _ invoke: LuaInvoker,
    _ header: RunHeader,
    _ steps: [StepRow],
    _ registry: RunRegistry
  ) async throws(CallFailure) -> (undos: [Undo], loops: Set<String>) {
    let replay = try await registry.journal.replay(of: header.id)
    let run = Run(id: header.id, world: runs.world, replay: replay, coding: registry.coding)
    // Nothing may happen while the finished steps are walked through again.
    await run.stopStarting(Job.collected)
    let (seed, plan) = try registry.kept(replay, header.id)
    var context = book.context(name: "the undone runbook", isDry: false)
    context.isQuiet = true
    let job = jobs.job(.collecting, run, past: steps, invoke: invoke, context: context, seed: seed)
    let given = context
    let walk = Task {
      await CallFailure.result { () async throws(CallFailure) in
        try await job.section("run", [book.handed(header.arguments), plan.check], as: given)
      }
    }
    await job.onOverrun { walk.cancel() }
    await withTaskCancellationHandler {
      _ = await walk.value
    } onCancel: {
      walk.cancel()
    }
    return (await job.undos, await job.failures.loops)
  }

  /// What a runbook's own `undo` would do.
  private func rehearse(_ book: RunbookFile, _ header: RunHeader) async throws(CallFailure) -> [OperationRecord] {
    let invoke = try await jobs.open(book, tracing: true)
    let run = Run(id: header.id, world: runs.world.dry)
    let context = book.context(name: "the undo of '\(book.name)'", isDry: true)
    let job = jobs.job(.dry, run, invoke: invoke, context: context)
    do throws(CallFailure) {
      _ = try await job.section("undo", [book.handed(header.arguments)], as: context)
    } catch {
      guard error.mark == .unpredictable else { throw error }
    }
    _ = inexact.take()
    return await run.operations
  }
}

extension BadRelease {
  /// Whether a rollback marked it, not the run that it undid.
  var isOfRollback: Bool { reason.hasPrefix(UndoTerms.rolledBack) }
}

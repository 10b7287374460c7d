import Journal
import PrimitiveKit
import RunbookHeader
import Runs

/// What undoes a run, with what its functions need.
struct Undoing: Sendable {
  let plan: RollbackPlan
  /// Nil for a run of no runbook: a single call.
  let book: RunbookFile?
  let invoke: LuaInvoker
  let arguments: Value
  /// What the runbook's own `undo` would do; nil where the plan says what is done.
  let rehearsal: [OperationRecord]?

  /// What it acts on, as far as that is known beforehand.
  var targets: [OperationTarget] { rehearsal.map { $0.map(\.target) } ?? plan.targets }

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

  /// Finds out what undoes a run, with the Lua functions that its steps registered; nothing is done.
  func undoing(_ header: RunHeader, _ registry: RunRegistry) async throws(CallFailure) -> Undoing {
    let journal = registry.journal
    let rows = try await journal.operations(of: header.id, withTexts: true)
    let steps = try await journal.steps(of: header.id)
    let invoke = try await LuaInvoker(engine: jobs.lua, tracing: false)
    var reference = header.runbook
    if reference != nil { reference = try await registry.reference(of: header) }
    guard let reference, let text = try await journal.text(reference.sha256) else {
      let plan = RollbackPlan(rows, steps: steps, undos: [], coding: registry.coding)
      return Undoing(plan: plan, book: nil, invoke: invoke, arguments: header.arguments, rehearsal: nil)
    }
    let book = try await catalog.load(text, path: reference.path)
    try await invoke.open(book.source, name: "@\(book.path)")
    if book.header.hasUndo {
      let plan = RollbackPlan(rows, steps: steps, undos: [], isWhole: true, coding: registry.coding)
      let rehearsal = try await rehearse(book, header)
      return Undoing(plan: plan, book: book, invoke: invoke, arguments: header.arguments, rehearsal: rehearsal)
    }
    let undos = try await collect(book, invoke, header, steps, registry)
    let plan = RollbackPlan(rows, steps: steps, undos: undos, coding: registry.coding)
    return Undoing(plan: plan, book: book, invoke: invoke, arguments: header.arguments, rehearsal: nil)
  }

  /// Walks through a run once more, which answers from the journal, for the undo functions of its steps.
  private func collect(
    _ book: RunbookFile,
    _ invoke: LuaInvoker,
    _ header: RunHeader,
    _ steps: [StepRow],
    _ registry: RunRegistry
  ) async throws(CallFailure) -> [Undo] {
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
        try await job.section("run", [header.arguments, plan.check], as: given)
      }
    }
    await job.onOverrun { walk.cancel() }
    await withTaskCancellationHandler {
      _ = await walk.value
    } onCancel: {
      walk.cancel()
    }
    return await job.undos
  }

  /// What a runbook's own `undo` would do.
  private func rehearse(_ book: RunbookFile, _ header: RunHeader) async throws(CallFailure) -> [OperationRecord] {
    let invoke = try await jobs.open(book, tracing: true)
    let run = Run(id: header.id, world: runs.world.dry)
    let context = book.context(name: "the undo of '\(book.name)'", isDry: true)
    let job = jobs.job(.dry, run, invoke: invoke, context: context)
    do throws(CallFailure) {
      _ = try await job.section("undo", [header.arguments], as: context)
    } catch {
      guard error.mark == .unpredictable else { throw error }
    }
    _ = inexact.take()
    return await run.operations
  }
}

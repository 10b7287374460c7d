import Journal
import PrimitiveKit
import RunbookHeader
import Runs

/// Starts runs of runbooks: plan, lock, question, approval, and then the run.
struct RunStart: Sendable {
  let runs: RunSetting
  let scopes: RunbookScopes
  let planner: RunbookPlanner
  let confirmation: PlanConfirmation
  let approvals: any PlanAdmission
  let executor: RunExecutor

  /// Plans a runbook, asks, and carries it out; a dry run ends with the plan.
  ///
  /// Throws what keeps it from beginning, `drill.dry` for a drill in a dry run, and what ended it; the exit code is
  /// noted either way.
  func start(
    _ book: RunbookFile,
    _ arguments: RunbookArguments,
    _ start: RunbookStart,
    parent: String? = nil,
    past: [StepRow] = []
  ) async throws(CallFailure) -> RunbookResult {
    try await checkSecrets(of: arguments, in: runs.world)
    let seed = start.apply?.plan.seed ?? runs.world.drawSeed()
    let id = RunID.make(seed: runs.world.drawSeed(), now: runs.world.now())
    let policy = start.policy(of: book)
    // What the plan saw of the time it sees again; the run that follows reads its own.
    let moment = start.apply?.plan.madeAt
    if start.isDry || runs.isDry {
      guard !start.isDrill else {
        throw CallFailure(
          .usage,
          code: "drill.dry",
          message: "a drill makes real changes and cannot be a dry run",
          hint: "use a dry run to see the plan, `opsh drill \(book.path)` or `runbook.drill` to run it for real"
        )
      }
      var plan = try await planner.plan(book, arguments, id: id, seed: seed, policy: policy, moment: moment)
      _ = await judge(&plan, book)
      start.onPlan(plan, id)
      try start.apply?.requireHolding(plan)
      try finish(plan, start)
      try book.enforceFloor(of: plan)
      return RunbookResult(run: id, plan: plan, value: .null, exitCode: .ok)
    }
    let registry = try await runs.registry.open()
    func planned(again: Bool) async throws(CallFailure) -> Plan {
      try await planner.plan(
        book,
        arguments,
        id: id,
        seed: seed,
        policy: policy,
        moment: moment,
        isAgain: again
      )
    }
    var needed = try scopes.scopes(book, arguments)
    var first: Plan?
    // Without a lock in the header what it changes is known only from its plan.
    if needed.isEmpty {
      first = try await planned(again: false)
      needed = try scopes.scopes(book, arguments, naming: first?.operations.map(\.target) ?? [])
    }
    let wasPlanned = first != nil
    let isBare = needed.isEmpty
    let (run, lock, plan) = try await registry.locking(
      needed,
      run: id,
      name: book.name,
      hosts: scopes.hosts(in: needed)
    ) { lock throws(CallFailure) in
      // What was seen before it was locked may have changed.
      var plan = try await planner.held(by: lock, isBare ? first : nil) { () throws(CallFailure) in
        try await planned(again: wasPlanned)
      }
      let objection = await judge(&plan, book)
      start.onPlan(plan, id)
      if let file = start.apply {
        // What it changed is the first thing that differs from a plan that was performed.
        try await registry.journal.requireUnused(planFile: file.id, plan: file.hash)
        try file.requireHolding(plan)
      }
      try finish(plan, start)
      if let objection { throw objection }
      let asked = try await confirmation.confirm(plan, book, run: id)
      // Whoever was asked may have taken time over it. Before the approval, which can be used once.
      if asked != nil, !runs.options.assumesYes, let objection = await standing(of: book)?.objection { throw objection }
      do throws(CallFailure) {
        try await approvals.admit(plan, run: id, effects: book.header.effects)
      } catch {
        if error.mark == .awaitsApproval {
          try await wait(header(id, book, arguments, plan, start, registry), plan, seed: seed, registry)
        }
        throw error
      }
      var header = header(id, book, arguments, plan, start, registry)
      header.parent = parent
      var beginning = try beginning(plan, seed: seed, past, registry)
      beginning.confirmation = asked
      beginning.planFile = start.apply?.id
      return (try await registry.begin(header, with: beginning, lock: lock, world: book.world(runs.world)), lock, plan)
    }
    runs.dialogue.say("run: \(run.id)\(start.isDrill ? " (a drill)" : "")")
    return try await executor.carryOut(
      Execution(book: book, arguments: arguments, plan: plan, seed: seed, run: run, lock: lock, past: past),
      start
    )
  }

  /// Puts into a plan what gates say now, and what it is to cure; answers why it may not begin.
  private func judge(_ plan: inout Plan, _ book: RunbookFile) async -> CallFailure? {
    let standing = await standing(of: book)
    plan.objection = standing?.objection?.message
    plan.gates = standing.flatMap { $0.lines.isEmpty ? nil : $0.lines }
    plan.cures = await cures(of: book)
    return standing?.objection
  }

  /// What gates say to its beginning; an emergency asks none.
  private func standing(of book: RunbookFile) async -> (objection: CallFailure?, lines: [String])? {
    await book.world(runs.world).rules?.standing(toBeginning: book.name, cures: book.header.cures)
  }

  /// What it is to cure, as it is now; nil for a runbook that cures nothing.
  private func cures(of book: RunbookFile) async -> [String]? {
    guard !book.header.cures.isEmpty else { return nil }
    return await runs.world.rules?.remarks(at: .runbook(book.name, cures: book.header.cures)) ?? []
  }

  private func header(
    _ id: String,
    _ book: RunbookFile,
    _ arguments: RunbookArguments,
    _ plan: Plan,
    _ start: RunbookStart,
    _ registry: RunRegistry
  ) -> RunHeader {
    _ = registry.journal.texts.intern(book.source)
    return RunHeader(
      id: id,
      name: book.name,
      kind: start.isDrill ? .drill : .runbook,
      identity: registry.journal.identity,
      runbook: plan.runbook,
      arguments: arguments.table,
      hosts: plan.hosts,
      planHash: plan.hash
    )
  }

  /// Records a run that may not begin yet, so that another operator can look at its plan and approve it.
  ///
  /// It never was running, whenever this process dies: what nobody approved cannot be resumed.
  private func wait(
    _ header: RunHeader,
    _ plan: Plan,
    seed: UInt64,
    _ registry: RunRegistry
  ) async throws(CallFailure) {
    var header = header
    header.state = .waiting
    header.stateReason = "its plan is waiting for an approval"
    header.exitCode = Int(ExitCode.lockRefused.rawValue)
    try await registry.journal.begin(header, with: try beginning(plan, seed: seed, [], registry))
  }

  /// What a resumed run must see again, and the steps of the run that this one was forked from, as its own.
  private func beginning(_ plan: Plan, seed: UInt64, _ past: [StepRow], _ registry: RunRegistry) throws(CallFailure)
    -> RunBeginning
  {
    RunBeginning(
      kept: ["seed": try registry.coding.encode(seed), "plan": try registry.coding.encode(plan)],
      steps: past
    )
  }

  private func finish(_ plan: Plan, _ start: RunbookStart) throws(CallFailure) {
    planner.show(plan)
    if let path = start.planOut {
      try PlanFile(plan).write(to: path)
      runs.dialogue.say("plan written to \(path)")
    }
  }
}

extension RunbookFile {
  /// The world it works in: an emergency asks no gates, neither before it nor between waves.
  func world(_ world: World) -> World { header.isEmergency ? world.ungated : world }
}

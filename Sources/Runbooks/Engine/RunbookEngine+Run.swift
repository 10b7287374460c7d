package import Journal
package import PrimitiveKit
package import RunbookHeader
package import Runs

/// How a runbook is started.
package struct RunbookStart: Sendable {
  /// Reads for real, changes nothing.
  package var isDry = false
  /// For practice: carried out and guarded like any run, and written down as a drill.
  package var isDrill = false
  /// A plan that must still hold.
  package var apply: PlanFile?
  /// Where the plan is written to.
  package var planOut: String?
  /// What happens when a step fails and nobody is asked; nil leaves it to the runbook.
  package var onFailure: FailurePolicy?
  /// Is told of the plan and the run as soon as there is one, whatever comes of it.
  package var onPlan: @Sendable (Plan, String) -> Void = { _, _ in }

  package init(
    isDry: Bool = false,
    isDrill: Bool = false,
    apply: PlanFile? = nil,
    planOut: String? = nil,
    onFailure: FailurePolicy? = nil
  ) {
    self.isDry = isDry
    self.isDrill = isDrill
    self.apply = apply
    self.planOut = planOut
    self.onFailure = onFailure
  }
}

extension RunbookEngine {
  /// Plans a runbook, asks, and carries it out; a dry run ends with the plan.
  ///
  /// Throws what keeps it from beginning, `drill.dry` for a drill in a dry run, and what ended it; the exit code is
  /// noted either way.
  package func start(
    _ book: RunbookFile,
    _ arguments: RunbookArguments,
    _ start: RunbookStart,
    parent: String? = nil,
    past: [StepRow] = []
  ) async throws(CallFailure) -> RunbookResult {
    let seed = start.apply?.plan.seed ?? world.drawSeed()
    let id = RunID.make(seed: world.drawSeed(), now: world.now())
    let policy = policy(of: book, start)
    // What the plan saw of the time it sees again; the run that follows reads its own.
    let moment = start.apply?.plan.madeAt
    if start.isDry || isDry {
      guard !start.isDrill else {
        throw CallFailure(
          .usage,
          code: "drill.dry",
          message: "a drill changes things for real, so there is none of '\(book.name)' in a dry run",
          hint: "a dry run shows the plan; `opsh drill \(book.path)` or `runbook.drill` carries it out"
        )
      }
      let plan = try await plan(book, arguments, id: id, seed: seed, policy: policy, moment: moment)
      start.onPlan(plan, id)
      try hold(start.apply, against: plan)
      try finish(plan, start)
      try enforce(plan, book)
      return RunbookResult(run: id, plan: plan, value: .null, exitCode: .ok)
    }
    let registry = try await registry()
    func planned() async throws(CallFailure) -> Plan {
      try await self.plan(book, arguments, id: id, seed: seed, policy: policy, moment: moment)
    }
    var scopes = try scopes(book, arguments)
    var first: Plan?
    // Without a lock in the header what it changes is known only from its plan.
    if scopes.isEmpty {
      first = try await planned()
      scopes = try self.scopes(book, arguments, naming: first?.operations.map(\.target) ?? [])
    }
    let isBare = scopes.isEmpty
    let (run, lock, plan) = try await registry.locking(
      scopes,
      run: id,
      name: book.name,
      hosts: hosts(in: scopes)
    ) { lock throws(CallFailure) in
      // What was seen before it was locked may have changed.
      let plan = try await held(by: lock, isBare ? first : nil, planned)
      start.onPlan(plan, id)
      try hold(start.apply, against: plan)
      if let file = start.apply {
        try await registry.journal.requireUnused(planFile: file.id, plan: plan.hash)
      }
      try finish(plan, start)
      let asked = try await confirm(plan, book, run: id)
      do throws(CallFailure) {
        try await setting.approvals.admit(plan, run: id, effects: book.header.effects)
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
      return (try await registry.begin(header, with: beginning, lock: lock, world: world), lock, plan)
    }
    dialogue.say("run: \(run.id)\(start.isDrill ? " (a drill)" : "")")
    return try await carryOut(
      Execution(book: book, arguments: arguments, plan: plan, seed: seed, run: run, lock: lock, past: past),
      start
    )
  }

  /// A plan of which everything that it names is held: made again where more had to be locked for it.
  ///
  /// `first` is one that was made already. Throws `lock.refused`, and `plan.changed` when it names other things every time.
  func held(
    by lock: RunHold,
    _ first: Plan?,
    _ make: () async throws(CallFailure) -> Plan
  ) async throws(CallFailure) -> Plan {
    var plan: Plan
    if let first { plan = first } else { plan = try await make() }
    for _ in 0..<3 {
      let missing = lock.missing(plan.operations.flatMap(\.target.scopes))
      if missing.isEmpty { return plan }
      try await lock.take(missing)
      plan = try await make()
    }
    throw CallFailure(
      .refused,
      code: "plan.changed",
      message: "the plan of '\(plan.runbook.name)' names other targets each time it is made; nothing was changed",
      hint: "lock them in its header, such as `lock = \"fleet\"`"
    )
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

  /// Writes down a run that may not begin yet, so that another operator can look at its plan and approve it.
  ///
  /// It never was running, whenever this process dies: what nobody approved cannot be resumed.
  private func wait(
    _ header: RunHeader,
    _ plan: Plan,
    seed: UInt64,
    _ registry: RunRegistry
  ) async throws(CallFailure) {
    var header = header
    header.state = .cancelled
    header.stateReason = "its plan waits for an approval"
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
    show(plan)
    if let path = start.planOut {
      try PlanFile(plan).write(to: path)
      dialogue.say("plan written to \(path)")
    }
  }

  /// The floor that a runbook promises for its plans.
  private func enforce(_ plan: Plan, _ book: RunbookFile) throws(CallFailure) {
    let floor = book.header.exactness ?? 0
    guard plan.unseen == nil || book.header.exactness == nil, plan.exactness >= floor else {
      throw CallFailure(
        .failed,
        code: "plan.inexact",
        message:
          "the plan of '\(book.name)' is \(Int(plan.exactness * 100)) % exact, and the runbook promises \(Int(floor * 100)) %"
          + (plan.unseen.map { ": \($0)" } ?? ""),
        hint: plan.inexact.first.map { "the first guess is at \($0.place): \($0.what)" },
        ending: .planInexact
      )
    }
  }

  /// Refuses a plan that does not hold any more.
  private func hold(_ file: PlanFile?, against now: Plan) throws(CallFailure) {
    guard let file else { return }
    guard file.plan.site == now.site else {
      throw CallFailure(
        .refused,
        code: "plan.other_site",
        message: "the plan is for the site '\(file.plan.site)', and this is '\(now.site)'",
        hint: "make it again here with --plan-out"
      )
    }
    guard file.hash != now.hash else { return }
    let differences = file.plan.differences(from: now)
    throw CallFailure(
      .refused,
      code: "plan.changed",
      message: "the plan does not hold any more: \(differences.first ?? "its hash is another")",
      hint: (differences.dropFirst().prefix(5) + ["make it again with --plan-out"]).joined(separator: "\n")
    )
  }
}

/// What came of a runbook.
package struct RunbookResult: Sendable {
  package let run: String
  /// Nil for what has none: a single call, a rollback.
  package let plan: Plan?
  /// What its `run` answered.
  package let value: Value
  package let exitCode: ExitCode
}

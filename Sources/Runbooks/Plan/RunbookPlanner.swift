import Foundation
import Journal
import LuaRuntime
import PrimitiveKit
import RunbookHeader
import Runs

/// Makes plans of runbooks: nothing is changed, everything is predicted.
struct RunbookPlanner: Sendable {
  let runs: RunSetting
  let jobs: JobMaker
  let scopes: RunbookScopes
  let opshVersion: String
  /// Says whether a plan would need an approval.
  let approvals: any PlanAdmission
  /// Where a dry run had to guess, from the Lua engine.
  let inexact: InexactPoints
  /// What domains add to a plan, given its operations.
  let planLines: @Sendable ([OperationRecord]) async -> [String]

  /// Runs a runbook without changing anything and says what it would do.
  ///
  /// `past` is what a run of it has done already, `policy` what happens with a step that fails, `moment` what it takes for
  /// the time, in seconds since 1970; nil is now. Throws what the runbook throws in a dry run; a point where it depends
  /// on what nobody can predict ends the plan and is in it.
  func plan(
    _ book: RunbookFile,
    _ arguments: RunbookArguments,
    id: String,
    seed: UInt64,
    policy: FailurePolicy,
    moment: Int? = nil,
    past: PlannedPast? = nil,
    isAgain: Bool = false
  ) async throws(CallFailure) -> Plan {
    for name in book.systems(in: arguments.table) { _ = try runs.site.hostsOfSystem(name) }
    let handed = book.handed(arguments.table)
    let header = try scopes.scopes(book, arguments)
    let madeAt = Int(runs.world.now().timeIntervalSince1970)
    let invoke = try await jobs.open(book, tracing: true)
    let run = Run(id: id, world: runs.world.dry, replay: past?.replay ?? RunReplay())
    var context = book.context(name: "the runbook '\(book.name)'", isDry: true)
    if isAgain { context.voice = .none }
    let job = jobs.job(
      .dry,
      run,
      past: past?.steps ?? [],
      policy: policy,
      invoke: invoke,
      context: context,
      seed: seed,
      moment: moment ?? madeAt
    )
    _ = inexact.take()
    // Who waits for it was told already.
    if !isAgain {
      runs.dialogue.progress(ProgressStatus(line: "planning \(book.name)…", plain: "planning \(book.name)"))
    }
    defer { runs.dialogue.progress(nil) }
    var check = past?.check ?? .null
    if book.header.hasCheck, past == nil {
      var reading = book.context(allowed: [.reads], name: "check", isDry: true)
      reading.voice = context.voice
      check = try await job.section("check", [handed], as: reading)
    }
    var unseen: String?
    do throws(CallFailure) {
      _ = try await job.section("run", [handed, check], as: job.context)
    } catch {
      guard error.mark == .unpredictable else { throw error }
      unseen = error.message
    }
    let covered = await Set(job.undoable.map(RollbackPlan.lasting))
    let operations = await run.operations.map { record in
      let isCovered = book.header.hasUndo || RollbackPlan.isCovered(record.step, covered)
      return PlannedOperation(record, isCovered: isCovered)
    }
    let needed = try scopes.scopes(book, arguments, naming: operations.map(\.target))
    let beyond = header.isEmpty ? [] : runs.site.locking.cover.missing(needed.locking, from: header)
    var hosts: [String] = []
    let locked = needed.filter { $0.path.first == "host" }.map { $0.path[1] }
    for host in operations.compactMap(\.target.hostName) + locked
    where !hosts.contains(host) { hosts.append(host) }
    var plan = Plan(
      site: runs.site.name,
      opsh: opshVersion,
      runbook: RunbookReference(
        name: book.name,
        version: "\(book.header.version)",
        sha256: book.sha256,
        path: book.path
      ),
      arguments: arguments.table,
      siteArguments: arguments.fromSite.isEmpty ? nil : arguments.fromSite,
      hosts: hosts,
      notes: await notes(job, run),
      steps: await described(job.steps, run),
      operations: operations,
      inexact: inexact.take(),
      unseen: unseen,
      locks: needed.locking.map(\.description),
      beyond: beyond.isEmpty ? nil : beyond.map(\.description),
      conflicts: try await runs.conflicts(needed, except: id),
      seconds: await seconds(book, run),
      check: check,
      madeAt: madeAt,
      seed: seed
    )
    plan.modules = modules(of: book)
    plan.approval = approvals.reason(for: plan, effects: book.header.effects)
    return plan
  }

  /// The modules that a runbook requires; nil when it requires none.
  func modules(of book: RunbookFile) -> [String: String]? {
    let modules = jobs.lua.modules(requiredBy: book.source)
    return modules.isEmpty ? nil : modules
  }

  /// What the runbook noted, what guards would refuse, and what domains add.
  private func notes(_ job: Job, _ run: Run) async -> [String] {
    let refused = await run.objections.map(\.message)
    let added = await planLines(await run.operations)
    return await job.remarks + refused + added
  }

  /// The steps with what their calls said they will do.
  private func described(_ steps: [PlannedStep], _ run: Run) async -> [PlannedStep] {
    let words = await run.descriptions
    return steps.map { step in
      guard step.detail.isEmpty, let lines = words[step.path] else { return step }
      var described = step
      described.detail = lines.joined(separator: "; ")
      return described
    }
  }

  /// The median of the last runs that went through, else what the primitives expect.
  private func seconds(_ book: RunbookFile, _ run: Run) async -> Double? {
    let filter = RunFilter(states: [.ok, .partial], kinds: [.runbook], name: book.name, limit: 5)
    let past = await runs.hasJournal ? (try? await runs.registry.open().journal.runs(filter)) ?? [] : []
    let times = past.compactMap { run in run.endedAt.map { Double($0 - run.startedAt) / 1000 } }.sorted()
    if let expected = await run.expectedSeconds { return expected }
    return times.isEmpty ? nil : times[times.count / 2]
  }

  /// Shows a plan.
  func show(_ plan: Plan) {
    runs.dialogue.say(plan.render(columns: runs.dialogue.columns, now: Int(runs.world.now().timeIntervalSince1970)))
    let fields: [String: Value] = [
      "runbook": .string(plan.runbook.name), "version": .string(plan.runbook.version), "hash": .string(plan.hash),
      "hosts": .array(plan.hosts.map(Value.string)), "operations": .int(plan.operations.count),
      "exactness": .number(plan.exactness), "site_arguments": (plan.siteArguments ?? []).value,
    ]
    runs.dialogue.event(SessionEvent("runbook.plan", fields))
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
      message: "the plan of '\(plan.runbook.name)' has different targets each time it is made; nothing was changed",
      hint: "lock them in its header, for example `lock = \"fleet\"`"
    )
  }
}

/// What a run has done already, where its rest is planned anew.
struct PlannedPast: Sendable {
  let steps: [StepRow]
  let replay: RunReplay
  /// What the runbook's `check` answered when the run began.
  let check: Value
}

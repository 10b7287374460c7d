import Foundation
import Journal
package import PrimitiveKit
package import RunbookHeader
package import Runs

extension RunbookEngine {
  /// Runs a runbook without changing anything and says what it would do.
  ///
  /// `past` is what a run of it has done already, `policy` what happens with a step that fails, `moment` what it takes for
  /// the time, in seconds since 1970; nil is now. Throws what the runbook throws in a dry run; a point where it depends
  /// on what nobody can predict ends the plan and is in it.
  package func plan(
    _ book: RunbookFile,
    _ arguments: RunbookArguments,
    id: String,
    seed: UInt64,
    policy: FailurePolicy,
    moment: Int? = nil,
    past: PlannedPast? = nil
  ) async throws(CallFailure) -> Plan {
    let header = try scopes(book, arguments)
    let madeAt = Int(world.now().timeIntervalSince1970)
    let invoke = try await LuaInvoker(engine: setting.engine, tracing: true)
    try await invoke.open(book.source, name: "@\(book.path)")
    let run = Run(id: id, world: world.dry, replay: past?.replay ?? RunReplay())
    let job = Job(
      Job.Setting(
        mode: .dry,
        run: run,
        journal: nil,
        past: past?.steps ?? [],
        desk: setting.runs.desk(nil),
        policy: policy,
        rollouts: setting.rollouts,
        invoke: invoke,
        context: context(book, name: "the runbook '\(book.name)'", isDry: true),
        seed: seed,
        moment: moment ?? madeAt
      )
    )
    _ = setting.inexact.take()
    dialogue.progress(ProgressStatus(line: "planning \(book.name)…", plain: "planning \(book.name)"))
    defer { dialogue.progress(nil) }
    var check = past?.check ?? .null
    if book.header.hasCheck, past == nil {
      let reading = context(book, allowed: [.reads], name: "check", isDry: true)
      check = try await section("check", [arguments.table], of: job, as: reading)
    }
    var unseen: String?
    do throws(CallFailure) {
      _ = try await section("run", [arguments.table, check], of: job, as: job.context)
    } catch {
      guard error.mark == .unpredictable else { throw error }
      unseen = error.message
    }
    let covered = await Set(job.undoable.map(RollbackPlan.lasting))
    let operations = await run.operations.map { record in
      let isCovered = book.header.hasUndo || RollbackPlan.isCovered(record.step, covered)
      return PlannedOperation(record, isCovered: isCovered)
    }
    let scopes = try self.scopes(book, arguments, naming: operations.map(\.target))
    let beyond = header.isEmpty ? [] : setting.runs.site.locking.cover.missing(scopes.locking, from: header)
    var hosts: [String] = []
    let locked = scopes.filter { $0.path.first == "host" }.map { $0.path[1] }
    for host in operations.compactMap(\.target.hostName) + locked
    where !hosts.contains(host) { hosts.append(host) }
    return Plan(
      site: setting.runs.site.name,
      opsh: setting.opshVersion,
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
      inexact: setting.inexact.take(),
      unseen: unseen,
      locks: scopes.locking.map(\.description),
      beyond: beyond.isEmpty ? nil : beyond.map(\.description),
      conflicts: try await setting.runs.conflicts(scopes, except: id),
      seconds: await seconds(book, run),
      check: check,
      madeAt: madeAt,
      seed: seed
    )
  }

  /// What the runbook noted, what guards would refuse, and what domains add.
  private func notes(_ job: Job, _ run: Run) async -> [String] {
    let refused = await run.objections.map(\.message)
    let added = await setting.planLines(await run.operations)
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

  /// The median of the last runs that went well, else what the primitives expect.
  private func seconds(_ book: RunbookFile, _ run: Run) async -> Double? {
    let filter = RunFilter(states: [.ok], kinds: [.runbook], name: book.name, limit: 5)
    let past = await setting.runs.hasJournal ? (try? await registry().journal.runs(filter)) ?? [] : []
    let times = past.compactMap { run in run.endedAt.map { Double($0 - run.startedAt) / 1000 } }.sorted()
    if let expected = await run.expectedSeconds { return expected }
    return times.isEmpty ? nil : times[times.count / 2]
  }

  /// Shows a plan.
  func show(_ plan: Plan) {
    dialogue.say(plan.render(columns: dialogue.columns, now: Int(world.now().timeIntervalSince1970)))
    let fields: [String: Value] = [
      "runbook": .string(plan.runbook.name), "version": .string(plan.runbook.version), "hash": .string(plan.hash),
      "hosts": .array(plan.hosts.map(Value.string)), "operations": .int(plan.operations.count),
      "exactness": .number(plan.exactness), "site_arguments": (plan.siteArguments ?? []).value,
    ]
    dialogue.event(SessionEvent("runbook.plan", fields))
  }
}

/// What a run has done already, where its rest is planned anew.
package struct PlannedPast: Sendable {
  let steps: [StepRow]
  let replay: RunReplay
  /// What the runbook's `check` answered when the run began.
  let check: Value
}

package import Journal
package import PrimitiveKit

extension RunbookEngine {
  /// Runs, the newest first; one whose process is gone shows as interrupted.
  func entries(_ filter: RunFilter) async throws(CallFailure) -> [RunEntry] {
    let runs = try await summaries(filter)
    let renewed = try await renewed(runs.filter { $0.version != nil }.map(\.id), try await registry())
    return runs.map { RunEntry(run: $0, newVersion: renewed[$0.id]?.version) }
  }

  private func summaries(_ filter: RunFilter) async throws(CallFailure) -> [RunSummary] {
    let registry = try await registry()
    return await judged(try await registry.journal.summaries(filter), registry)
  }

  /// The runs, as interrupted where their process is known to be gone: then a lease is dead before its time is over.
  private func judged(_ runs: [RunSummary], _ registry: RunRegistry) async -> [RunSummary] {
    guard runs.contains(where: { $0.state == .running && $0.claim != nil }),
      let live = try? await registry.locks.liveClaims()
    else { return runs }
    return runs.map { run in
      guard run.state == .running, let claim = run.claim, !live.contains(claim) else { return run }
      var run = run
      run.state = .interrupted
      run.stateReason = "its process is gone"
      return run
    }
  }

  /// Runs that ended before their end and can go on, for the prompt's start.
  package func unfinished() async -> [String] {
    let filter = RunFilter(states: [.running, .interrupted, .detached, .unknown], limit: 20)
    let runs: [RunSummary]
    do throws(CallFailure) {
      runs = try await summaries(filter)
    } catch {
      dialogue.say("journal: \(error.message); nothing can be changed")
      return []
    }
    return runs.filter { $0.state != .running }.map { run in
      "\(run.id)  \(run.name)  \(run.state.rawValue)  \(Instant.text(run.startedAt)) UTC  by \(run.operatorName)"
    }
  }

  /// The timeline, the steps and the operations of a run.
  func details(_ id: String) async throws(CallFailure) -> RunDetails {
    let registry = try await registry()
    let header = try await registry.journal.run(id)
    let steps = try await registry.journal.steps(of: header.id)
    let operations = try await registry.journal.operations(of: header.id, withTexts: true)
    let timeline = try await registry.journal.timeline(of: header.id)
    let summaries = await judged([RunSummary(header)], registry)
    let now = try await renewed([header.id], registry)[header.id] ?? header.runbook
    return RunDetails(
      header: header,
      entry: RunEntry(run: summaries.first ?? RunSummary(header), newVersion: now?.version),
      runbook: now,
      plan: try await planHash(of: header, registry),
      steps: steps.map(StepEntry.init),
      operations: operations.map { row in
        // What lay there before: a rollback may want to go there by another way.
        let previous = row.inverse.flatMap { try? registry.coding.operation($0) }?.release
        return OperationEntry(row: row, previous: previous?.digest)
      },
      timeline: timeline
    )
  }

  /// The plan of a run and who wanted it, for whoever approves it.
  ///
  /// Throws `run.not_found`, and `run.differs` for a run without a plan.
  package func plan(of id: String) async throws(CallFailure) -> (Plan, requester: String) {
    let registry = try await registry()
    let header = try await registry.journal.run(id)
    guard let text = try await registry.journal.replay(of: header.id).reads["plan"] else {
      throw CallFailure(.refused, code: "run.differs", message: "run \(header.id) has no plan to approve")
    }
    return (try registry.coding.decode(Plan.self, from: text), header.identity.operatorName)
  }

  /// The runbook of a plan as the journal keeps it, else as its file is now.
  package func load(_ plan: Plan) async throws(CallFailure) -> RunbookFile {
    if let text = try? await registry().journal.text(plan.runbook.sha256) {
      return try await load(text, path: plan.runbook.path)
    }
    return try await load(try find(plan.runbook.path).source, path: plan.runbook.path)
  }

  /// The steps of a run as they are written down; none when the journal does not answer.
  package func steps(of run: String) async -> [StepRow] { (try? await registry().journal.steps(of: run)) ?? [] }
}

import Foundations
package import Journal
package import PrimitiveKit
package import Runs

/// What runs did, as the journal tells it; one whose process is gone shows as interrupted.
package struct RunHistory: Sendable {
  private let setting: RunSetting

  package init(_ setting: RunSetting) { self.setting = setting }

  private func registry() async throws(CallFailure) -> RunRegistry { try await setting.registry.open() }

  /// Runs, the newest first.
  func entries(_ filter: RunFilter) async throws(CallFailure) -> [RunEntry] {
    let runs = try await summaries(filter)
    let renewed = try await registry().renewed(runs.filter { $0.version != nil }.map(\.id))
    return try await entries(runs, renewed.mapValues(\.version))
  }

  private func entries(_ runs: [RunSummary], _ versions: [String: String]) async throws(CallFailure) -> [RunEntry] {
    let registry = try await registry()
    let journal = registry.journal
    var tallies = try await journal.tallies(of: runs.map(\.id))
    for run in runs where run.endedAt != nil && run.state != .ok && (tallies[run.id]?.done ?? 0) > 0 {
      let rows = RunEnding.last(try await journal.operations(of: run.id, withTexts: true))
      let short = rows.count { row in
        row.state == .done && row.outcome.map { registry.coding.fellShort(row.stored, outcome: $0) } == true
      }
      tallies[run.id]?.judge(failed: short + rows.count { $0.state == .failed }, short: short)
    }
    let signs = try await journal.lastSigns(of: runs.filter { $0.endedAt == nil }.map(\.id))
    return runs.map { run in
      let last = run.isUnderWay ? signs.now : signs.last[run.id] ?? run.updatedAt
      return RunEntry(
        run: run,
        newVersion: versions[run.id],
        tally: tallies[run.id] ?? RunTally(),
        took: .milliseconds(max(0, (run.endedAt ?? last) - run.startedAt))
      )
    }
  }

  private func summaries(_ filter: RunFilter) async throws(CallFailure) -> [RunSummary] {
    let registry = try await registry()
    return await judged(try await registry.journal.summaries(filter), registry)
  }

  /// The runs, as interrupted where their process is known to be gone: then a lease is dead before its time is over.
  private func judged(_ runs: [RunSummary], _ registry: RunRegistry) async -> [RunSummary] {
    guard runs.contains(where: { $0.isUnderWay && $0.claim != nil }),
      let live = try? await registry.locks.liveClaims()
    else { return runs }
    return runs.map { run in
      guard run.isUnderWay, let claim = run.claim, !live.contains(claim) else { return run }
      var run = run
      run.state = .interrupted
      run.stateReason = "its process is gone"
      return run
    }
  }

  /// Runs that stopped early, or of which a rollback left something, for the prompt's start.
  package func unfinished() async -> [String] {
    let filter = RunFilter(states: [.running, .waiting, .interrupted, .detached, .unknown, .rollbackFailed], limit: 20)
    let runs: [RunSummary]
    do throws(CallFailure) {
      runs = try await summaries(filter)
    } catch {
      setting.dialogue.say("journal: \(error.message); changes are refused")
      return []
    }
    return runs.filter { ![.running, .waiting].contains($0.state) }.map { run in
      "\(run.id)  \(run.name)  \(run.state.rawValue)  \(Instant.words(run.startedAt))  by \(run.operatorName)"
    }
  }

  /// The timeline, the steps and the operations of a run.
  func details(_ id: String) async throws(CallFailure) -> RunDetails {
    let registry = try await registry()
    let header = try await registry.journal.run(id)
    let steps = try await registry.journal.endedSteps(of: header.id)
    let operations = try await registry.journal.operations(of: header.id, withTexts: true)
    let timeline = try await registry.journal.timeline(of: header.id)
    let summaries = await judged([RunSummary(header)], registry)
    let now = try await registry.renewed([header.id])[header.id] ?? header.runbook
    let versions = now.map { [header.id: $0.version] } ?? [:]
    guard let entry = try await entries(summaries, versions).first else { throw RunHistory.vanished(header.id) }
    return RunDetails(
      header: header,
      entry: entry,
      runbook: now,
      plan: try await registry.planHash(of: header),
      steps: steps.map(StepEntry.init),
      operations: operations.map { row in
        // What lay there before: a rollback may want to go there by another way.
        let previous = row.inverse.flatMap { try? registry.coding.operation($0) }?.release
        return OperationEntry(row: row, previous: previous?.digest)
      },
      timeline: timeline
    )
  }

  private static func vanished(_ id: String) -> CallFailure {
    CallFailure(.journal, code: "journal.failed", message: "run \(id) was removed while it was read")
  }

  /// The steps of a run as they ended; none when the journal does not answer.
  package func steps(of run: String) async -> [StepRow] { (try? await registry().journal.endedSteps(of: run)) ?? [] }

  /// The newest runs.
  package func list(limit: Int) async throws(CallFailure) -> Value {
    try await entries(RunFilter(limit: limit)).value
  }
}

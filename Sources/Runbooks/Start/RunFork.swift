import Journal
import PrimitiveKit
import RunbookHeader
import Runs

/// Starts new runs that reuse steps of earlier ones.
struct RunFork: Sendable {
  let runs: RunSetting
  let catalog: RunbookCatalog
  let start: RunStart

  /// Begins a new run in which an earlier run's steps before one are taken as done.
  func fork(_ id: String, from step: String) async throws(CallFailure) -> RunbookResult {
    let registry = try await runs.registry.open()
    let header = try await registry.journal.run(id)
    guard let reference = header.runbook else {
      throw CallFailure(
        .refused,
        code: "run.differs",
        message: "run \(header.id) is not of a runbook, so it has no steps to start from"
      )
    }
    let rollback = try await registry.unfinishedRollback(of: header.id)
    if rollback != nil || [.rolledBack, .rollbackFailed].contains(header.state) {
      throw CallFailure(
        .refused,
        code: "run.finished",
        message: "run \(header.id) was rolled back, so its steps are no longer done",
        hint: "start it again"
      )
    }
    let past = try await registry.journal.steps(of: header.id)
    let outer = past.filter { !$0.path.contains("/") }
    guard let position = outer.firstIndex(where: { $0.path == step }) else {
      throw CallFailure(
        .invalid,
        code: "run.differs",
        message: "run \(header.id) has no step '\(step)'",
        hint: NearestName.question(for: step, in: outer.map(\.path))
          ?? "its steps: \(outer.map(\.path).joined(separator: ", "))"
      )
    }
    let kept = outer[..<position].map(\.path)
    try await requireKnown(header.id, behind: Set(kept), registry)
    let (source, path) = try catalog.find(reference.path)
    let book = try await catalog.load(source, path: path)
    let arguments = try RunbookArguments(header.arguments.tableFields)
    let steps = past.filter { row in kept.contains { row.path == $0 || row.path.hasPrefix($0 + "/") } }
    let start = RunbookStart(isDry: runs.isDry, isDrill: header.kind == .drill && !runs.isDry)
    return try await self.start.start(book, arguments, start, parent: header.id, past: steps)
  }

  /// What may still be at work on a host would be done a second time beside it.
  private func requireKnown(_ run: String, behind kept: Set<String>, _ registry: RunRegistry) async throws(CallFailure)
  {
    let open = try await registry.journal.operations(of: run).filter { row in
      [.open, .unknown].contains(row.state) && !RollbackPlan.isCovered(row.step, kept)
    }
    guard let first = open.first else { return }
    let rest = open.count > 1 ? " and \(open.count - 1) more" : ""
    throw CallFailure(
      .unknownOutcome,
      code: "run.unknown_outcome",
      message: "the outcome of this change is unknown; it may still be running: \(first.summary)\(rest)",
      hint: "check with `opsh resume \(run)` or record it with resolve(), then fork"
    )
  }
}

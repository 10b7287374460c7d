import Foundation
import Journal
package import PrimitiveKit
package import RunbookHeader
package import Runs

extension RunbookEngine {
  /// Finds a runbook by its name in the folders, or by its path.
  ///
  /// Throws `runbook.missing` with the nearest name.
  package func find(_ name: String) throws(CallFailure) -> (source: String, path: String) {
    let isPath = name.hasSuffix(".lua") || name.contains("/")
    let candidates = isPath ? [name] : setting.folders.map { "\($0)/\(name).lua" }
    for path in candidates {
      guard let data = FileManager.default.contents(atPath: path) else { continue }
      guard let text = String(validating: data, as: UTF8.self) else {
        throw CallFailure(.invalid, code: "script.encoding", message: "\(path) is not UTF-8 text")
      }
      return (text, path)
    }
    let known = setting.folders.flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".lua") }
        .map { String($0.dropLast(4)) }
    }
    throw CallFailure(
      .invalid,
      code: "runbook.missing",
      message: "there is no runbook '\(name)'",
      hint: NearestName.question(for: name, in: known)
        ?? (known.isEmpty ? "give the path of a Lua file" : "runbooks: \(Set(known).sorted().joined(separator: ", "))")
    )
  }

  /// The runbook of a plan as the journal keeps it, else as its file is now.
  package func load(_ plan: Plan) async throws(CallFailure) -> RunbookFile {
    if let text = try? await registry().journal.text(plan.runbook.sha256) {
      return try await load(text, path: plan.runbook.path)
    }
    return try await load(try find(plan.runbook.path).source, path: plan.runbook.path)
  }

  /// The arguments of the site for dry runs of runbooks in these files.
  ///
  /// Throws `site.invalid` when it names a runbook that lies neither beside them nor in the folders.
  package func siteArguments(beside paths: [String]) throws(CallFailure) -> SiteArguments {
    let arguments = setting.arguments
    guard !arguments.values.isEmpty else { return arguments }
    let beside = paths.map { path in
      let folder = (path as NSString).deletingLastPathComponent
      return folder.isEmpty ? "." : folder
    }
    var known: Set<String> = []
    for folder in Set(beside + setting.folders) {
      for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where file.hasSuffix(".lua") {
        known.insert(RunbookFile.name(of: file))
      }
    }
    try arguments.check(known: known.sorted())
    return arguments
  }

  /// Resumes a run, with the present text of its runbook where that is wanted.
  package func resume(_ id: String, isNew: Bool) async throws(CallFailure) -> Value {
    guard isNew else { return try await resume(id).value }
    let header = try await registry().journal.run(id)
    guard let reference = header.runbook else { return try await resume(id).value }
    return try await resume(header.id, withNew: try find(reference.path).source).value
  }

  /// Begins a new run in which an earlier run's steps before one are taken as done.
  package func fork(_ id: String, from step: String) async throws(CallFailure) -> RunbookResult {
    let registry = try await registry()
    let header = try await registry.journal.run(id)
    guard let reference = header.runbook else {
      throw CallFailure(
        .refused,
        code: "run.differs",
        message: "run \(header.id) is of no runbook, so it has no steps to begin from"
      )
    }
    let rollback = try await registry.unfinishedRollback(of: header.id)
    if rollback != nil || [.rolledBack, .rollbackFailed].contains(header.state) {
      throw CallFailure(
        .refused,
        code: "run.finished",
        message: "run \(header.id) was rolled back, so its steps are not done any more",
        hint: "start it anew"
      )
    }
    let past = try await registry.journal.steps(of: header.id)
    let outer = past.filter { !$0.path.contains("/") }
    guard let position = outer.firstIndex(where: { $0.path == step }) else {
      throw CallFailure(
        .refused,
        code: "run.differs",
        message: "run \(header.id) has no step '\(step)'",
        hint: NearestName.question(for: step, in: outer.map(\.path))
          ?? "its steps: \(outer.map(\.path).joined(separator: ", "))"
      )
    }
    let kept = outer[..<position].map(\.path)
    try await requireKnown(header.id, behind: Set(kept), registry)
    let (source, path) = try find(reference.path)
    let book = try await load(source, path: path)
    let arguments = try RunbookArguments(header.arguments.tableFields)
    let steps = past.filter { row in kept.contains { row.path == $0 || row.path.hasPrefix($0 + "/") } }
    let start = RunbookStart(isDry: isDry, isDrill: header.kind == .drill && !isDry)
    return try await self.start(book, arguments, start, parent: header.id, past: steps)
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
      message: "whether this happened, or still does, is not known: \(first.summary)\(rest)",
      hint: "`opsh resume \(run)` looks, or resolve() says it; then fork"
    )
  }
}

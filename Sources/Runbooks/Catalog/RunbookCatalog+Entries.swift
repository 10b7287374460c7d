import Foundation
import Foundations
import Journal
import PrimitiveKit
import RunbookHeader
import Runs

extension RunbookCatalog {
  /// Every runbook of the folders and of plugins with its last run and its last drill.
  func entries() async throws(CallFailure) -> [CatalogEntry] {
    var entries: [CatalogEntry] = []
    let journal = try? await runs.registry.open().journal
    for path in files {
      guard let (source, _) = try? find(path), RunbookFile.isRunbook(source) else { continue }
      entries.append(await entry(source, path, journal))
    }
    return entries
  }

  private func entry(_ source: String, _ path: String, _ journal: Journal?) async -> CatalogEntry {
    let name = RunbookFile.name(of: path)
    var entry = CatalogEntry(name: name, path: path)
    do throws(CallFailure) {
      let book = try await read(source, path: path)
      entry.version = "\(book.header.version)"
      entry.owner = book.header.owner ?? ""
      entry.summary = book.header.summary ?? ""
    } catch {
      entry.problem = error.message
    }
    if let last = try? await journal?.runs(RunFilter(kinds: [.runbook], name: name, limit: 1)).first {
      entry.lastRun = last.startedAt
      entry.lastOutcome = last.state.rawValue
    }
    if let journal, let end = await drillEnd(name, journal) {
      entry.drilledAt = end
      entry.drillAge = Duration.milliseconds(Int64(runs.world.now().timeIntervalSince1970 * 1000) - end).age
    }
    return entry
  }

  /// When the last drill succeeded, in milliseconds since 1970; nil for none.
  ///
  /// That it was undone later takes nothing away.
  private func drillEnd(_ name: String, _ journal: Journal) async -> Int64? {
    let filter = RunFilter(
      states: [.ok, .partial, .rolledBack, .rollbackFailed],
      kinds: [.drill],
      name: name,
      limit: 20
    )
    for drill in (try? await journal.runs(filter)) ?? [] {
      if drill.state.isThrough { return drill.endedAt ?? drill.startedAt }
      let ends = ((try? await journal.timeline(of: drill.id)) ?? []).filter { $0.event == "run.state" }
      let through = [RunState.ok, .partial].map { Value.string($0.rawValue) }
      if let end = ends.last(where: { through.contains($0.value["state"]) }) { return end.at }
    }
    return nil
  }
}

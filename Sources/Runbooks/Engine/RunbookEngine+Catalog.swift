import Foundation
import Foundations
import Journal
import PrimitiveKit
import RunbookHeader
import Runs

extension RunbookEngine {
  /// Every runbook of the folders with its last run and its last drill.
  func catalog() async throws(CallFailure) -> [CatalogEntry] {
    var entries: [CatalogEntry] = []
    let journal = try? await registry().journal
    for folder in setting.folders {
      let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
      for file in files where file.hasSuffix(".lua") {
        let path = "\(folder)/\(file)"
        guard let (source, _) = try? find(path), RunbookFile.isRunbook(source) else { continue }
        entries.append(await entry(source, path, journal))
      }
    }
    return entries
  }

  private func entry(_ source: String, _ path: String, _ journal: Journal?) async -> CatalogEntry {
    let name = RunbookFile.name(of: path)
    var entry = CatalogEntry(name: name, path: path)
    do throws(CallFailure) {
      let book = try await RunbookFile.load(source, path: path, engine: setting.engine)
      entry.version = "\(book.header.version)"
      entry.owner = book.header.owner ?? ""
      entry.summary = book.header.summary ?? ""
    } catch {
      entry.problem = error.message
    }
    if let last = try? await journal?.runs(RunFilter(kinds: [.runbook], name: name, limit: 1)).first {
      entry.lastRun = Instant.text(last.startedAt)
      entry.lastOutcome = last.state.rawValue
    }
    if let journal, let end = await drillEnd(name, journal) {
      entry.drillAge = Duration.milliseconds(Int64(world.now().timeIntervalSince1970 * 1000) - end).age
    }
    return entry
  }

  /// When the last drill ended well, in milliseconds since 1970; nil for none.
  ///
  /// That it was undone later takes nothing away.
  private func drillEnd(_ name: String, _ journal: Journal) async -> Int64? {
    let filter = RunFilter(states: [.ok, .rolledBack, .rollbackFailed], kinds: [.drill], name: name, limit: 20)
    for drill in (try? await journal.runs(filter)) ?? [] {
      if drill.state == .ok { return drill.endedAt ?? drill.startedAt }
      let ends = ((try? await journal.timeline(of: drill.id)) ?? []).filter { $0.event == "run.state" }
      if let end = ends.last(where: { $0.value["state"] == .string(RunState.ok.rawValue) }) { return end.at }
    }
    return nil
  }
}

/// A runbook as it stands in its folder.
struct CatalogEntry: Record, Sendable {
  let name: String
  let path: String
  var version = ""
  var owner = ""
  var summary = ""
  var problem = ""
  var lastRun = "never"
  var lastOutcome = ""
  var drillAge = "never"

  static var luaType: String { "runbook.Entry" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("name", "string", "Name"),
      FieldInfo("version", "string", "Of the present file"),
      FieldInfo("last_run", "string", "UTC"),
      FieldInfo("last_outcome", "string", "How that ended"),
      FieldInfo("summary", "string", "What it does, or what is wrong with it"),
      FieldInfo("owner", "string", "Who looks after it"),
      FieldInfo("drill_age", "string", "Since the last drill that ended well: never, 3 h, 12 d"),
    ]
  }

  var value: Value {
    .table([
      "name": name.value, "version": version.value, "owner": owner.value, "last_run": lastRun.value,
      "last_outcome": lastOutcome.value, "drill_age": drillAge.value, "path": path.value,
      "summary": (problem.isEmpty ? summary : problem).value,
    ])
  }
}

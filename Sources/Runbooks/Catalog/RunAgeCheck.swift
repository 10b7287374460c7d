import Foundation
import Journal
import PrimitiveKit
import Runs

extension Check {
  /// How long ago each runbook that was ever run last succeeded: for what is to be done regularly.
  static let runs = Check(
    CheckDeclaration(
      "runbook.run",
      "Days since each runbook that was ever run last succeeded, or failed within its budget",
      unit: "days",
      ok: [.to(30)],
      bad: [.above(90)]
    ),
    isOptional: true
  ) { call throws(CallFailure) in
    let engine = try call.surroundings.runbookEngine()
    guard await engine.runs.registry.isThere else { return [Measured(nil, note: "there is no journal yet")] }
    let journal = try await engine.runs.registry.open().journal
    let now = call.surroundings.world.now().timeIntervalSince1970
    var measured: [Measured] = []
    for entry in try await engine.catalog.entries() where entry.lastRun != nil {
      let filter = RunFilter(states: [.ok, .partial], kinds: [.runbook], name: entry.name, limit: 1)
      guard let run = try await journal.runs(filter).first else {
        measured.append(
          Measured(nil, subject: entry.name, note: "it never succeeded; the last run: \(entry.lastOutcome)")
        )
        continue
      }
      let time = run.endedAt ?? run.startedAt
      measured.append(Measured(daysSince: time, now: now, evidence: run.id, subject: entry.name))
    }
    return measured.isEmpty ? [Measured(nil, note: "no runbook was ever run")] : measured
  }
}

import Foundation
import PrimitiveKit
import Runs

extension Check {
  /// How long ago each runbook that is drilled at all was last drilled: who has never drilled one cannot know.
  static let drills = Check(
    CheckDeclaration(
      "runbook.drill",
      "Days since the last successful drill of each runbook that was ever drilled",
      unit: "days",
      ok: [.to(90)],
      bad: [.above(180)]
    )
  ) { call throws(CallFailure) in
    let engine = try call.surroundings.runbookEngine()
    guard await engine.runs.registry.isThere else { return [Measured(nil, note: "there is no journal yet")] }
    // What the catalog cannot read of a journal it leaves out.
    _ = try await engine.runs.registry.open()
    let now = call.surroundings.world.now().timeIntervalSince1970
    let drilled = try await engine.catalog.entries().filter { $0.drilledAt != nil }
    guard !drilled.isEmpty else { return [Measured(nil, note: "no runbook was ever drilled")] }
    return drilled.map { entry in
      let days = (now - Double(entry.drilledAt ?? 0) / 1000) / 86_400
      return Measured((days * 10).rounded() / 10, evidence: .string(entry.path), subject: entry.name)
    }
  }
}

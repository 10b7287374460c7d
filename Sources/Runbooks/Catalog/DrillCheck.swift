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
      Measured(daysSince: entry.drilledAt ?? 0, now: now, evidence: entry.path, subject: entry.name)
    }
  }
}

extension Measured {
  /// How many days ago something was, in milliseconds since 1970; `now` is in seconds.
  ///
  /// Nothing is known of what lies ahead: it would be new for as long as a clock was wrong.
  init(daysSince time: Int64, now: Double, evidence: String, subject: String) {
    let seconds = now - Double(time) / 1000
    // Clocks differ by so much.
    guard seconds >= -5 else {
      self.init(nil, evidence: .string(evidence), subject: subject, note: "it lies in the future: a clock is wrong")
      return
    }
    self.init((max(0, seconds) / 8640).rounded() / 10, evidence: .string(evidence), subject: subject)
  }
}

import Foundation
import PrimitiveKit

/// How long ago another check last found something: the alarm for a watcher that went silent (G-32).
struct DeadMan: SiteProbe {
  static let kind = "dead_man"
  static let keys = ["of"]
  static let summary = "How long ago the other check was last measured"
  static let unit = "s"

  let watched: String

  init(reading field: DataField, in site: any SiteNames) throws(DataError) {
    watched = try field.required("of", "the name of a check").string("the name of a check")
  }

  /// Under which name it is kept that a check was measured: a blank stands in no name of a check.
  static func key(of check: String) -> String { "seen \(check)" }

  func measure(_ call: CheckCall) async throws(CallFailure) -> [Measured] {
    guard let seen = try await call.surroundings.memory.samples(of: DeadMan.key(of: watched)).first else {
      return [Measured(nil, note: "'\(watched)' was never measured")]
    }
    let age = call.surroundings.world.now().timeIntervalSince1970 - seen.last.at
    guard age >= -JudgedCheck.aheadLimit else {
      return [
        Measured(nil, note: "'\(watched)' was measured \((-age).rounded().brief) s in the future: a clock is wrong")
      ]
    }
    return [
      Measured(max(0, age.rounded()), evidence: .table(["check": .string(watched), "at": .number(seen.last.at)]))
    ]
  }
}

extension Surroundings {
  /// The checks of which somebody wants to know that they are measured.
  var watchedChecks: Set<String> {
    Set(sections[CheckSettings.self].own.values.compactMap { ($0.probe as? DeadMan)?.watched })
  }
}

import Foundations
package import PrimitiveKit

/// How far an approval goes.
package struct ApprovalTerms: Sendable, Equatable {
  /// How long it is good; four hours unless the approver says otherwise, a week at most.
  package let lifetime: Duration
  /// For how many runs, 1 to 100.
  package let uses: Int
  package let reason: String

  /// Throws `usage.option` for what is out of range.
  package init(lifetime: Duration = .seconds(4 * 3600), uses: Int = 1, reason: String = "") throws(CallFailure) {
    guard lifetime >= .seconds(60), lifetime <= .seconds(7 * 86_400) else {
      throw CallFailure(
        .usage,
        code: "usage.option",
        message: "an approval can be valid for one minute to seven days, not \(Int(lifetime.seconds)) s",
        hint: "for example --expires 4h"
      )
    }
    guard (1...100).contains(uses) else {
      throw CallFailure(.usage, code: "usage.option", message: "an approval can be used for 1 to 100 runs, not \(uses)")
    }
    guard reason.utf8.count <= 500, reason.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
      throw CallFailure(.usage, code: "usage.option", message: "a reason must be one line of at most 500 bytes")
    }
    self.lifetime = lifetime
    self.uses = uses
    self.reason = reason
  }
}

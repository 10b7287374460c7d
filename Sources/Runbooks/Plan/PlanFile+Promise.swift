import PrimitiveKit
import RunbookHeader
import Runs

extension RunbookFile {
  /// The floor that a runbook promises for its plans.
  func enforceFloor(of plan: Plan) throws(CallFailure) {
    let floor = header.exactness ?? 0
    guard plan.unseen == nil || header.exactness == nil, plan.exactness >= floor else {
      throw CallFailure(
        .failed,
        code: "plan.inexact",
        message:
          "the plan of '\(name)' is \(Int(plan.exactness * 100)) % exact; the runbook promises \(Int(floor * 100)) %"
          + (plan.unseen.map { ": \($0)" } ?? ""),
        hint: plan.inexact.first.map { "the first unpredictable point is at \($0.place): \($0.what)" },
        ending: .planInexact
      )
    }
  }
}

extension PlanFile {
  /// Refuses a plan that does not hold any more.
  func requireHolding(_ now: Plan) throws(CallFailure) {
    guard plan.site == now.site else {
      throw CallFailure(
        .refused,
        code: "plan.other_site",
        message: "the plan is for the site '\(plan.site)'; this site is '\(now.site)'",
        hint: "make it again here with --plan-out"
      )
    }
    guard hash != now.hash else { return }
    let differences = plan.differences(from: now)
    throw CallFailure(
      .refused,
      code: "plan.changed",
      message: "the plan no longer holds: \(differences.first ?? "its hash differs")",
      hint: (differences.dropFirst().prefix(5) + ["make it again with --plan-out"]).joined(separator: "\n")
    )
  }
}

import PrimitiveKit

extension Fleet {
  /// Asks once for the exact confirmation and throws `plan.declined` for anything else (R1-08, R1-09).
  ///
  /// `--yes` stands in where the site allows it for the speed; immediate then needs a reason.
  func confirm(_ plan: DeployPlan, assumesYes: Bool, in site: Site) async throws(CallFailure) {
    let expected = plan.confirmation
    if assumesYes || options.assumesYes {
      try checkYes(plan, in: site)
      dialogue.event(SessionEvent("deploy.confirmed", ["by": .string("--yes"), "reason": plan.request.reason.value]))
      return
    }
    let what = plan.request.isSingleBot ? "yes" : "the host count (\(expected))"
    guard dialogue.isInteractive else { throw CallFailure(FleetError.confirmationMissing(answer: what)) }
    let answer = try await dialogue.ask("Proceed? type \(what): ") ?? ""
    guard answer == expected else { throw CallFailure(FleetError.declined(expected: expected, got: answer)) }
    dialogue.event(SessionEvent("deploy.confirmed", ["by": .string("typed"), "answer": .string(answer)]))
  }

  private func checkYes(_ plan: DeployPlan, in site: Site) throws(CallFailure) {
    let policy = plan.request.policy
    let allowed = site.confirm.yesAllowed ?? Fleet.yesAllowedByDefault
    guard allowed.contains(policy.name) || (policy.wholeFleetOnly && plan.request.reason != nil) else {
      throw CallFailure(
        policy.wholeFleetOnly
          ? FleetError.reasonMissing(speed: policy.name)
          : FleetError.yesNotAllowed(speed: policy.name, allowed: allowed)
      )
    }
  }

  /// Speeds that `--yes` may confirm where the site says nothing (REQUIREMENTS 11, row 10).
  private static var yesAllowedByDefault: [String] { ["routine", "fast"] }
}

import PrimitiveKit
import Rollout
import Site

extension Fleet {
  /// A deploy as the admission sees it: the host count has to be typed, or `yes` for one bot (R1-08, R1-09).
  ///
  /// Nothing is asked where nothing is left to change. `--yes` stands in where the site allows it for the speed; immediate then needs a reason. A site may want a reason
  /// for every deploy.
  func change(_ plan: DeployPlan, run: String, assumesYes: Bool, in site: Site) -> PlannedChange {
    var confirmation =
      plan.request.isSingleBot
      ? Confirmation("Proceed?", word: "yes")
      : Confirmation("Proceed?", hosts: plan.request.shares.count)
    confirmation.assumesYes = assumesYes
    if site.fleet.confirm.reasonRequired, plan.request.reason == nil {
      confirmation.refusal = CallFailure(FleetError.reasonRequired(site: site.name))
    }
    confirmation.yesRefusal = yesRefusal(plan, in: site).map { CallFailure($0) }
    var change = PlannedChange(runRequest(plan, run: run), plan.isFinished ? nil : confirmation)
    change.announcement = SessionEvent("deploy.confirmed", ["reason": plan.request.reason.value, "run": run.value])
    change.showsOutlook = true
    change.stillHolds = { () throws(CallFailure) in try await self.recheck(plan) }
    return change
  }

  /// What a deploy asks of the journal: its locks, and whether it needs an approval.
  func runRequest(_ plan: DeployPlan, run: String) -> RunRequest {
    var request = RunRequest(
      name: "fleet.deploy",
      arguments: .table(plan.asked.values),
      scopes: scopes(for: plan.request.shares.map(\.host)),
      hosts: plan.request.hostNames
    )
    request.id = run
    request.speeds = [plan.request.policy.name]
    return request
  }

  /// Why `--yes` may not confirm it.
  private func yesRefusal(_ plan: DeployPlan, in site: Site) -> FleetError? {
    let policy = plan.request.policy
    if policy.wholeFleetOnly, plan.request.reason == nil { return .reasonMissing(speed: policy.name) }
    // A site that lists the speeds means exactly these; without a list, immediate goes with a reason (R1-09).
    let allowed = site.fleet.confirm.yesAllowed ?? Fleet.yesAllowedByDefault
    let isAllowed = allowed.contains(policy.name) || (policy.wholeFleetOnly && site.fleet.confirm.yesAllowed == nil)
    return isAllowed ? nil : .yesNotAllowed(speed: policy.name, allowed: allowed)
  }

  /// Speeds that `--yes` may confirm where the site sets none (REQUIREMENTS 11, row 10).
  private static var yesAllowedByDefault: [String] { ["routine", "fast"] }

  /// Looks once more whether every host stands as the operator saw it; throws `plan.changed` for one that does not.
  ///
  /// A host that no longer answers is the rollout's business.
  private func recheck(_ plan: DeployPlan) async throws(CallFailure) {
    let now = await survey(plan.request.shares)
    if Task.isCancelled { throw .cancelled }
    let seen = Dictionary(plan.survey.bots.map { ($0.bot, $0) }, uniquingKeysWith: { first, _ in first })
    for bot in now.bots where !bot.isUnseen {
      guard let before = seen[bot.bot], !before.isUnseen else { continue }
      if before.digest != bot.digest || before.isRunning != bot.isRunning {
        throw CallFailure(FleetError.planChanged(bot: bot.bot, host: bot.host, was: before.words, is: bot.words))
      }
    }
  }
}

extension BotStatus {
  /// What it runs, in a few words.
  fileprivate var words: String { isRunning ? "running \(image)" : state }
}

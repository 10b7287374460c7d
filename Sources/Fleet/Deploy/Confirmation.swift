import PrimitiveKit
import Rollout
import Site

extension Fleet {
  /// Asks once for the exact confirmation and throws `plan.declined` for anything else (R1-08, R1-09).
  ///
  /// `--yes` stands in where the site allows it for the speed; immediate then needs a reason. A site may want a reason
  /// for every deploy.
  func confirm(
    _ plan: DeployPlan,
    run: String,
    assumesYes: Bool,
    in site: Site
  ) async throws(CallFailure) -> ConfirmedBy {
    try permit(plan, assumesYes: assumesYes || options.assumesYes, in: site)
    let expected = plan.confirmation
    if assumesYes || options.assumesYes { return confirmed(by: .yes, plan, run) }
    let what = plan.request.isSingleBot ? "yes" : "the host count (\(expected))"
    guard dialogue.isInteractive else { throw CallFailure(FleetError.confirmationMissing(answer: what)) }
    let answer = try await dialogue.ask("Proceed? type \(what): ") ?? ""
    guard answer == expected else { throw CallFailure(FleetError.declined(expected: expected, got: answer)) }
    return confirmed(by: .typed, plan, run)
  }

  /// Asks for the number of hosts before a single change of more of them than the site lets pass.
  ///
  /// A confirmed run is not asked about again. Throws `plan.declined`, and `prompt.not_interactive` where nobody is there
  /// and `--yes` was not given.
  func confirm(_ name: String, on hosts: [Host]) async throws(CallFailure) {
    let names = NameSet(names: hosts.map(\.name))
    let expected = "\(names.count)"
    guard names.count > site?.fleet.confirm.hosts ?? 1, !CallContext.current.isConfirmed, !options.assumesYes else {
      return
    }
    let what = "the host count (\(expected))"
    guard dialogue.isInteractive else { throw CallFailure(FleetError.confirmationMissing(answer: what)) }
    let answer = try await dialogue.ask("\(name) changes \(names.folded). Proceed? type \(what): ") ?? ""
    guard answer == expected else { throw CallFailure(FleetError.declined(expected: expected, got: answer)) }
  }

  /// Tells whoever listens who wanted it.
  @discardableResult
  func confirmed(by way: ConfirmedBy, _ plan: DeployPlan, _ run: String) -> ConfirmedBy {
    let fields = ["by": way.rawValue.value, "reason": plan.request.reason.value, "run": run.value]
    dialogue.event(SessionEvent("deploy.confirmed", fields))
    return way
  }

  /// Looks once more whether every host stands as the operator saw it; throws `plan.changed` for one that does not.
  ///
  /// A host that no longer answers is the rollout's business.
  func recheck(_ plan: DeployPlan) async throws(CallFailure) {
    let now = await survey(plan.request.shares)
    if Task.isCancelled { throw .cancelled }
    let seen = Dictionary(plan.survey.bots.map { ($0.bot, $0) }, uniquingKeysWith: { first, _ in first })
    for bot in now.bots where bot.state != "unreachable" {
      guard let before = seen[bot.bot], before.state != "unreachable" else { continue }
      if before.digest != bot.digest || before.isRunning != bot.isRunning {
        throw CallFailure(FleetError.planChanged(bot: bot.bot, host: bot.host, was: before.words, is: bot.words))
      }
    }
  }

  /// Checks what the site wants of a deploy, whether a person confirms it, `--yes`, or the runbook that it is part of.
  ///
  /// Throws `plan.reason_missing` and `plan.yes_not_allowed`.
  func permit(_ plan: DeployPlan, assumesYes: Bool, in site: Site) throws(CallFailure) {
    if site.fleet.confirm.reasonRequired, plan.request.reason == nil {
      throw CallFailure(FleetError.reasonRequired(site: site.name))
    }
    if assumesYes { try checkYes(plan, in: site) }
  }

  private func checkYes(_ plan: DeployPlan, in site: Site) throws(CallFailure) {
    let policy = plan.request.policy
    if policy.wholeFleetOnly, plan.request.reason == nil {
      throw CallFailure(FleetError.reasonMissing(speed: policy.name))
    }
    // A site that lists the speeds means exactly these; without a list, immediate goes with a reason (R1-09).
    let allowed = site.fleet.confirm.yesAllowed ?? Fleet.yesAllowedByDefault
    guard allowed.contains(policy.name) || (policy.wholeFleetOnly && site.fleet.confirm.yesAllowed == nil) else {
      throw CallFailure(FleetError.yesNotAllowed(speed: policy.name, allowed: allowed))
    }
  }

  /// Speeds that `--yes` may confirm where the site says nothing (REQUIREMENTS 11, row 10).
  private static var yesAllowedByDefault: [String] { ["routine", "fast"] }
}

/// How a plan came to be confirmed.
enum ConfirmedBy: String, Sendable {
  case typed
  case yes = "--yes"
  /// The plan of the runbook that it is part of was confirmed.
  case runbook
}

extension BotStatus {
  /// What it runs, in a few words.
  fileprivate var words: String { isRunning ? "running \(image)" : state }
}

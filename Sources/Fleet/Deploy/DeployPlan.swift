import PrimitiveKit
import Rollout
import Site

/// What a deploy is about to do, in numbers, as it is shown before the confirmation (R1-17, G-04).
struct DeployPlan: Sendable {
  let request: DeployRequest
  let rollout: RolloutPlan?
  let survey: Survey
  let estimate: RolloutEstimate
  /// The arguments it was resolved from.
  var asked = DeployArguments()
  /// Who holds its hosts, and whether it needs an approval.
  var outlook = Outlook()
  /// What gates of the site ask between its waves, by names or patterns.
  var gates: [String] = []
  /// Why they can never tell; nil where they can.
  var gateProblem: CallFailure?

  /// Why it would halt after its canary whatever happens; nil where it would not.
  var sureHalt: CallFailure? { isFinished ? nil : DeployPlan.sureHalt(request, gateProblem) }

  static func sureHalt(_ request: DeployRequest, _ problem: CallFailure?) -> CallFailure? {
    guard let problem, request.policy.gateEvery != nil else { return nil }
    return CallFailure(
      .refused,
      code: "gate.unknown",
      message: "the deploy would halt after its canary, so nothing was changed: \(problem.message)",
      hint: problem.hint
    )
  }

  /// What a run keeps of it; throws `rollout.no_hosts` when there is nothing to roll out to.
  func frozen() throws(CallFailure) -> FrozenDeploy {
    guard let rollout else { throw CallFailure(RolloutError.noItems) }
    return FrozenDeploy(request, rollout)
  }

  /// Hosts on which every asked bot already runs the image.
  var finished: [String] {
    survey.hosts.filter { $0.isDone(request) }.map(\.host.name)
  }

  /// Whether no host has anything to change.
  var isFinished: Bool {
    let hasNothing = survey.hosts.filter { $0.problem != nil || $0.isLatched || $0.isDone(request) }
    return hasNothing.count == request.shares.count && !finished.isEmpty
  }

  /// Bots that no change may start until somebody lifts their latch: left as they are.
  var latched: [BotStatus] { survey.bots.filter(\.isLatched) }

  /// Bots whose stop mark the deploy clears, because it names them.
  var unmarked: [BotStatus] { survey.bots.filter { $0.mark != nil && !$0.isLatched } }

  /// Live bots that are not running: they get the image and are not started.
  var still: [BotStatus] { survey.bots.filter { request.live.contains($0.bot) && !$0.isUnseen && !$0.isRunning } }

  /// Hosts that did not answer: left out, listed, and charged to no budget.
  var knownDown: [HostSurvey] { survey.unreachable }

  /// What must be typed: the host count, or `yes` for one bot (R1-08).
  var confirmation: String { request.isSingleBot ? "yes" : "\(request.shares.count)" }

  /// The images that run now, most frequent first, with the bots on them.
  var imagesNow: [(image: String, bots: [String])] {
    let running = survey.bots.filter { !$0.isUnseen }
    let groups = Dictionary(grouping: running) { $0.isRunning ? $0.image : "nothing" }
    return groups.map { ($0.key, $0.value.map(\.bot)) }
      .sorted { ($1.1.count, $0.0) < ($0.1.count, $1.0) }
  }
}

extension DeployPlan {
  /// The plan in one line, for the plan of a runbook.
  var line: String {
    let leftOut =
      (knownDown.isEmpty ? "" : "; left out: \(folded(knownDown.map(\.host.name)))")
      + (still.isEmpty ? "" : "; live and not running, not started: \(folded(still.map(\.bot)))")
      + (latched.isEmpty ? "" : "; latched: \(folded(latched.map(\.bot)))")
      + (unmarked.isEmpty ? "" : "; clears stop marks of \(folded(unmarked.map(\.bot)))")
      + (gates.isEmpty ? "" : "; gates: \(gates.joined(separator: ", "))")
    if isFinished {
      return "every bot already runs \(request.image.name) (\(request.image.reference.shortDigest))" + leftOut
    }
    let hosts = request.shares.count
    let worst = request.policy.worstCase(items: hosts, botsPerHost: request.botsPerHost)
    let window = request.policy.window(successes: hosts, items: hosts)
    return "\(imageWords) → \(request.image.name) (\(request.image.reference.shortDigest)), \(request.policy.name): "
      + "\(window.counted("host")) at a time; \(haltWords(worst)); at worst \(worst.hosts.counted("host")), "
      + worst.bots.counted("bot") + leftOut
  }

  /// The block, at most 24 lines.
  func render() -> String {
    var rows: [(String, String)] = [
      ("Target", targetWords),
      ("Hosts", "\(request.shares.count) (\(request.botCount.counted("bot"))): \(folded(request.hostNames))"),
      ("Image", "\(imageWords) → \(request.image.name) (\(request.image.reference.shortDigest))"),
    ]
    if isFinished {
      rows.append(("Nothing to do", "every bot already runs \(request.image.name)"))
    } else {
      rows += careRows
      if !finished.isEmpty {
        rows.append(("Already there", "\(folded(finished)) (\(finished.count.counted("host")), left as they are)"))
      }
    }
    if !knownDown.isEmpty {
      let why = (knownDown[0].reason).clipped(to: DeployPlan.room)
      rows.append(("Known down", "\(folded(knownDown.map(\.host.name))) (\(knownDown.count), left out): \(why)"))
    }
    rows += markRows
    if let reason = request.reason { rows.append(("Reason", reason.clipped(to: DeployPlan.room))) }
    rows += outlook.rows.map { ($0.name, $0.words) }
    var lines = ["================ deploy plan ================"]
    if !request.policy.ramp, !isFinished { lines += stormWarning(window * request.botsPerHost) }
    let width = rows.map(\.0.count).max() ?? 0
    lines += rows.map { name, words in name + String(repeating: " ", count: width - name.count + 2) + words }
    lines.append("=============================================")
    return lines.joined(separator: "\n")
  }

  /// The stop marks that it meets.
  private var markRows: [(String, String)] {
    var rows: [(String, String)] = []
    if !still.isEmpty { rows.append(("Live", "\(folded(still.map(\.bot))): not running, and not started")) }
    if !latched.isEmpty {
      let modes = Set(latched.compactMap(\.mark)).sorted(by: >).joined(separator: ", ")
      rows.append(("Latched", "\(folded(latched.map(\.bot))) (\(modes)): left out, lift first"))
    }
    if !unmarked.isEmpty { rows.append(("Clears stop marks of", folded(unmarked.map(\.bot)))) }
    return rows
  }

  /// How careful it is, and what that can cost.
  private var careRows: [(String, String)] {
    let policy = request.policy
    let worst = policy.worstCase(items: request.shares.count, botsPerHost: request.botsPerHost)
    var rows: [(String, String)] = [
      ("Speed", "\(policy.name): \(policy.summary.lowercased())"),
      (
        "Concurrency",
        "\(window.counted("host")) at a time (~\((window * request.botsPerHost).counted("simultaneous login")))"
      ),
      ("Graceful stop", "\(policy.stopGraceSeconds)s, then killed; stable means \(policy.settleSeconds)s unbroken"),
    ]
    if policy.jitterSeconds > 0 { rows.append(("Jitter", "each host waits up to \(policy.jitterSeconds)s")) }
    rows.append(("Error halt", haltWords(worst)))
    rows.append(("Worst case", worstWords(worst)))
    rows.append(("Canary and gates", gateWords))
    if let problem = gateProblem {
      rows.append(("Gates of the site", problem.message))
    } else if !gates.isEmpty {
      let when = policy.gateEvery == nil ? "not asked at this speed" : "asked after the canary and between waves"
      rows.append(("Gates of the site", "\(gates.joined(separator: ", ").clipped(to: DeployPlan.room)): \(when)"))
    }
    rows.append(("Est. duration", durationWords))
    return rows
  }

  private var window: Int {
    request.policy.window(successes: request.shares.count, items: request.shares.count)
  }

  private var targetWords: String {
    switch request.target {
    case "all": "ALL production bots"
    case "bot": "one bot: \(NameSet(names: request.shares.flatMap(\.bots)).folded)"
    default: request.target.clipped(to: DeployPlan.room)
    }
  }

  /// The longest list of names or free text in a row, in characters: with its label about two lines of 80 columns.
  private static var room: Int { 100 }

  private func folded(_ names: [String]) -> String { NameSet(names: names).folded.clipped(to: DeployPlan.room) }

  private var gateWords: String {
    let policy = request.policy
    guard policy.ramp, let rollout, let canary = rollout.order.first else { return "none: every host at once" }
    var windows: [Int] = []
    for successes in 0...rollout.total {
      let window = policy.window(successes: successes, items: rollout.total)
      if window != windows.last { windows.append(window) }
    }
    guard windows.count > 1 else { return "\(canary) alone, and a gate after it" }
    let steps = windows.map { "\($0)" }.joined(separator: ", ")
    return "\(canary) first; window \(steps); gate after it, then every tenth"
  }

  private var imageWords: String {
    let groups = imagesNow
    guard let first = groups.first else { return "unknown" }
    if groups.count == 1 { return first.image }
    return groups.prefix(3).map { "\($0.image) (\($0.bots.count))" }.joined(separator: ", ")
  }

  private func haltWords(_ worst: WorstCase) -> String {
    guard let tolerated = worst.tolerated, let stopsAt = worst.stopsAt else { return "never: every host is tried" }
    let share = request.policy.haltRatio?.text ?? ""
    return "\(share): \(tolerated) tolerated, error \(stopsAt) stops"
  }

  private func worstWords(_ worst: WorstCase) -> String {
    "\(worst.hosts.counted("host")), \(worst.bots.counted("bot")); a wholly bad release hurts "
      + "\(worst.badReleaseHosts.counted("host")), \(worst.badReleaseBots.counted("bot"))"
  }

  private var durationWords: String {
    estimate.text + (estimate.isMeasured ? " (from measured host times)" : " (from the table of speeds)")
  }

  private func stormWarning(_ logins: Int) -> [String] {
    [
      "WARNING: every bot on every host restarts together: ~\(logins) logins at the same moment.",
      "The login service may rate-limit them and bots may crash-loop until the storm clears.",
      "Use routine or fast unless this is a genuine emergency.",
    ]
  }
}

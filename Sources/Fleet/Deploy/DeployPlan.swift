import PrimitiveKit

/// What a deploy is about to do, in numbers, as it is shown before the confirmation (R1-17, G-04).
struct DeployPlan: Sendable {
  let request: DeployRequest
  let rollout: RolloutPlan?
  let survey: Survey
  let estimate: RolloutEstimate

  /// Hosts on which every asked bot already runs the image.
  var finished: [String] {
    survey.hosts.filter { $0.runs(request.image) }.map(\.host.name)
  }

  /// Hosts that did not answer: left out, listed, and charged to no budget.
  var knownDown: [HostSurvey] { survey.unreachable }

  /// What must be typed: the host count, or `yes` for one bot (R1-08).
  var confirmation: String { request.isSingleBot ? "yes" : "\(request.shares.count)" }

  /// The images that run now, most frequent first, with the bots on them.
  var imagesNow: [(image: String, bots: [String])] {
    let running = survey.bots.filter { $0.state != "unreachable" }
    let groups = Dictionary(grouping: running) { $0.isRunning ? $0.image : "nothing" }
    return groups.map { ($0.key, $0.value.map(\.bot)) }
      .sorted { ($1.1.count, $0.0) < ($0.1.count, $1.0) }
  }
}

extension DeployPlan {
  /// The block, at most 24 lines.
  func render() -> String {
    let policy = request.policy
    let hosts = request.shares.count
    let worst = policy.worstCase(hosts: hosts, botsPerHost: request.botsPerHost)
    let window = policy.window(successes: hosts, hosts: hosts)
    var rows: [(String, String)] = [
      ("Target", targetWords),
      ("Hosts", "\(hosts) (\(count(request.botCount, "bot"))): \(NameSet(names: request.hostNames).folded)"),
      ("Image", "\(imageWords) → \(request.image.name) (\(request.image.reference.shortDigest))"),
      ("Speed", "\(policy.name): \(policy.summary.lowercased())"),
      ("Concurrency", "\(count(window, "host")) at a time (~\(window * request.botsPerHost) simultaneous logins)"),
      ("Graceful stop", "\(policy.stopGraceSeconds)s, then killed; stable means \(policy.settleSeconds)s unbroken"),
    ]
    if policy.jitterSeconds > 0 { rows.append(("Jitter", "each host waits up to \(policy.jitterSeconds)s")) }
    rows.append(("Error halt", haltWords(worst)))
    rows.append(("Canary and gates", canaryWords(window)))
    rows.append(("Est. duration", durationWords))
    if !finished.isEmpty {
      rows.append(
        ("Already there", "\(NameSet(names: finished).folded) (\(count(finished.count, "host")), left as they are)")
      )
    }
    if !knownDown.isEmpty {
      let names = NameSet(names: knownDown.map(\.host.name)).folded
      rows.append(("Known down", "\(names) (\(knownDown.count), left out): \(knownDown[0].problem?.message ?? "")"))
    }
    if let reason = request.reason { rows.append(("Reason", reason)) }
    var lines = ["================ deploy plan ================"]
    if !policy.ramp { lines += stormWarning(window * request.botsPerHost) }
    let width = rows.map(\.0.count).max() ?? 0
    lines += rows.map { name, words in name + String(repeating: " ", count: width - name.count + 2) + words }
    lines.append("=============================================")
    return lines.joined(separator: "\n")
  }

  private var targetWords: String {
    switch request.target {
    case "all": "ALL production bots"
    case "bot": "one bot: \(NameSet(names: request.shares.flatMap(\.bots)).folded)"
    default: request.target
    }
  }

  private var imageWords: String {
    let groups = imagesNow
    guard let first = groups.first else { return "unknown" }
    if groups.count == 1 { return first.image }
    return groups.prefix(3).map { "\($0.image) (\($0.bots.count))" }.joined(separator: ", ")
  }

  private func canaryWords(_ window: Int) -> String {
    guard request.policy.ramp else { return "none: every host at once" }
    guard let canary = rollout?.order.first, rollout.map({ $0.order.count > 1 }) == true else {
      return "none: one host is all there is"
    }
    let steps = [1, 2, 4, 8].prefix { $0 < window }.map { "\($0)" } + ["\(window)"]
    return "\(canary) alone first; window \(steps.joined(separator: ", ")); gate after it and every tenth"
  }

  private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  private func haltWords(_ worst: WorstCase) -> String {
    guard let tolerated = worst.tolerated, let stopsAt = worst.stopsAt else { return "never: every host is tried" }
    let share = request.policy.haltRatio?.text ?? ""
    return
      "\(share): \(tolerated) tolerated, error \(stopsAt) stops; worst case \(count(worst.hosts, "host")) / \(count(worst.bots, "bot"))"
      + ", a bad release \(worst.badReleaseHosts) / \(worst.badReleaseBots)"
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

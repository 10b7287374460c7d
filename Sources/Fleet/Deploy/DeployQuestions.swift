import PrimitiveKit
import Rollout
import Site

extension Fleet {
  /// Asks for what `fleet.deploy` was not given (R1-04): the target, then for `all` the speed.
  ///
  /// Who passes `--yes` wants no questions and gets the defaults (R1-09); a runbook has its parameters.
  func ask(
    for arguments: DeployArguments,
    assumesYes: Bool,
    in site: Site
  ) async throws(CallFailure) -> DeployArguments {
    var arguments = arguments
    guard dialogue.isInteractive, !assumesYes, !options.assumesYes, !CallContext.current.isConfirmed else {
      return arguments
    }
    if arguments.target == nil, arguments.bot == nil {
      arguments.target = try await answer(to: "Target: staging, bot, all, or a selector: ") {
        (answer) throws(CallFailure) in
        if answer != "bot", !answer.isEmpty { try self.requireBots(of: answer, in: site) }
        return answer
      }
      guard arguments.target?.isEmpty == false else { throw CallFailure(FleetError.targetMissing) }
    }
    if arguments.target == "bot", arguments.bot == nil {
      arguments.bot = try await answer(to: "Which bot? Type its number: ") { (answer) throws(CallFailure) in
        guard let bot = try? BotNumber(.string(answer)) else { return nil }
        try self.requireBots(of: bot.name, in: site)
        return bot
      }
      guard arguments.bot != nil else { throw CallFailure(FleetError.botMissing) }
    }
    if arguments.target == "all", arguments.speed == nil {
      arguments.speed = try await askSpeed(in: site)
    }
    return arguments
  }

  /// Asks until the answer can be used, saying what is wrong with those that cannot.
  ///
  /// The end of input is not an answer: only Enter takes a default.
  private func answer<Answer>(
    to question: String,
    _ read: (String) throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    while true {
      guard let answer = try await dialogue.ask(question) else { throw .cancelled }
      do throws(CallFailure) {
        return try read(answer)
      } catch {
        dialogue.say(
          ([error.message] + [error.hint].compactMap(\.self).map { "  hint: \($0)" }).joined(separator: "\n")
        )
      }
    }
  }

  private func requireBots(of target: String, in site: Site) throws(CallFailure) {
    do {
      if try shares(selecting: site.targets[target] ?? target, in: site).isEmpty {
        throw FleetError.noBots(target: target)
      }
    } catch {
      throw CallFailure(anyError: error)
    }
  }

  /// Shows the table of speeds and asks for one; Enter takes the default (R1-13, R1-16).
  private func askSpeed(in site: Site) async throws(CallFailure) -> String {
    let hosts: [HostShare]
    do {
      hosts = try shares(selecting: site.targets["all"] ?? "*", in: site)
    } catch {
      throw CallFailure(anyError: error)
    }
    let bots = hosts.reduce(0) { $0 + $1.bots.count }
    dialogue.say(SpeedMenu(speeds: speeds, hosts: hosts.count, bots: bots).render())
    let choices = speeds.speeds.enumerated().map { "\($0.offset + 1)=\($0.element.name)" }.joined(separator: " ")
    return try await answer(to: "Choose \(choices): ") { (answer) throws(CallFailure) in
      if answer.isEmpty { return speeds.defaultName }
      if let number = Int(answer), speeds.speeds.indices.contains(number - 1) { return speeds.speeds[number - 1].name }
      do {
        return try speeds.speed(named: answer).name
      } catch {
        throw CallFailure(anyError: error)
      }
    }
  }
}

/// The table of speeds as the operator chooses from it.
struct SpeedMenu {
  let speeds: SpeedTable
  let hosts: Int
  let bots: Int

  func render() -> String {
    let perHost = hosts == 0 ? 0 : Int((Double(bots) / Double(hosts)).rounded(.up))
    var rows = [["speed", "hosts/at", "~logins", "stop", "halt-errs", "est. time", ""]]
    for speed in speeds.speeds {
      let window = speed.itemsAtOnce.map { min($0, hosts) }
      rows.append([
        speed.name,
        window.map { "\($0)" } ?? "ALL",
        "~\(min(bots, (window ?? hosts) * perHost))",
        "\(speed.stopGraceSeconds)s",
        speed.haltRatio?.text ?? "never",
        RolloutEstimate(policy: speed, items: hosts).text,
        speed.summary,
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let table = rows.map { row in
      "  "
        + zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        .trimmingSuffix(" ")
    }
    let head = "Deploy speed for ALL \(hosts.counted("production host")) (~\(bots.counted("bot"))):"
    return ([head] + table).joined(separator: "\n")
  }
}

extension String {
  /// The string without the given characters at its end.
  func trimmingSuffix(_ character: Character) -> String {
    var text = self[...]
    while text.last == character { text.removeLast() }
    return String(text)
  }
}

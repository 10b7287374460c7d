import Foundations
import HostScript
import PrimitiveKit
import Site

extension Fleet {
  /// Looking after bots.
  var botPrimitives: [Primitive] {
    [
      Primitive(
        "fleet.status",
        "Shows bots: state, image, uptime and login.",
        effect: .reads,
        Parameter<BotSelector>("on", default: "*", "Which bots"),
        returns: "One record per bot; bots on hosts that do not answer are `unreachable`",
        examples: [Example(#"fleet.status("web001")"#, "the bots of one host")],
        topics: ["health", "ps", "list", "running"]
      ) { on async throws(CallFailure) in
        let site = try self.requireSite(for: "fleet.status")
        let shares = try self.selectShares(on.text, in: site)
        return try await self.plannedRead("fleet.status", of: shares.map(\.host)) { () throws(CallFailure) in
          let survey = await self.survey(shares)
          if !survey.unreachable.isEmpty { self.dialogue.note(.failuresWithinBudget) }
          return survey.bots
        }
      },
      control(.start, "Starts bots that are down; leaves running ones alone."),
      control(.restart, "Stops and starts bots, and checks that they are running."),

      Primitive(
        "fleet.logs",
        "Shows the last lines of each bot's log.",
        effect: .reads,
        Parameter<BotSelector>("on", "Which bots"),
        Parameter<Int>("lines", default: 20, "Lines per bot"),
        returns: "One record per bot",
        examples: [Example(#"fleet.logs<on="bot1", lines=5>"#, "the end of one log")],
        topics: ["journal", "tail"]
      ) { on, lines async throws(CallFailure) in
        let shares = try self.selectShares(on.text, in: try self.requireSite(for: "fleet.logs"))
        return try await self.plannedRead("fleet.logs", of: shares.map(\.host)) { () throws(CallFailure) in
          try await self.logs(shares, lines: lines)
        }
      },

      Primitive(
        "fleet.images",
        "Lists the images stored on hosts: running, kept for rollback, and other.",
        effect: .reads,
        Parameter<HostSelector>("on", default: "*", "Which hosts"),
        returns: "One record per image and host, most recently deployed first; one for a host that does not answer",
        examples: [Example(#"fleet.images("web001")"#, "images one host can run without a download")],
        topics: ["rollback", "previous", "digest"]
      ) { on async throws(CallFailure) in
        let site = try self.requireSite(for: "fleet.images")
        let hosts = try self.selectHosts(on, in: site)
        return try await self.plannedRead("fleet.images", of: hosts) { () throws(CallFailure) in
          let records = await self.images(on: hosts, in: site)
          if records.contains(where: { ["unreachable", "unknown"].contains($0.state) }) {
            self.dialogue.note(.failuresWithinBudget)
          }
          return records
        }
      },

      Primitive(
        "fleet.drift",
        "Compares the host script on every host with the one opsh installs.",
        effect: .reads,
        Parameter<HostSelector>("on", default: "*", "Which hosts"),
        returns: "One record per host: current, missing, changed, unreachable or unknown",
        examples: [Example("fleet.drift()", "hosts whose script differs")],
        topics: ["script", "sha256", "tamper"]
      ) { on async throws(CallFailure) in
        try await self.drift(on)
      },
    ]
  }

  private func control(_ verb: ControlBots.Verb, _ summary: String) -> Primitive {
    Primitive(
      "fleet.\(verb.rawValue)",
      summary,
      effect: .changes,
      Parameter<BotSelector>("on", "Which bots"),
      Parameter<Duration>("grace", default: .seconds(35), "How long a bot gets to stop on its own"),
      Parameter<Bool?>("check", default: nil, Fleet.checkHelp),
      Parameter<Bool>("dry_run", default: false, "Show what would happen; change nothing"),
      returns: "One record per bot, read back afterwards",
      examples: [Example(#"fleet.\#(verb.rawValue)<on="bot1">"#, "one bot")],
      topics: ["service"]
    ) { on, grace, check, dry async throws(CallFailure) in
      try await self.control(verb, on, grace: grace, check: check, dry: dry)
    }
  }

  func control(
    _ verb: ControlBots.Verb,
    _ on: BotSelector,
    grace: Duration,
    check: Bool? = nil,
    dry: Bool
  ) async throws(CallFailure) -> [BotStatus] {
    let site = try requireSite(for: "fleet.\(verb.rawValue)")
    let shares = try selectShares(on.text, in: site)
    for share in shares { _ = try runtime(of: share.host) }
    let arguments: [String: Value] = ["on": on.value, "grace": .number(grace.seconds)]
    return try await inRun(
      of: "fleet.\(verb.rawValue)",
      arguments,
      hosts: shares.map(\.host),
      dry: dry
    ) { run throws(CallFailure) in
      try await self.control(verb, shares, grace: grace, settle: self.settle(in: site), check: check, run: run)
    }
  }

  /// Seconds a started bot must stay the same process.
  private func settle(in site: Site) -> Int { Int((site.fleet.settle ?? .seconds(2)).seconds.rounded(.up)) }

  private func control(
    _ verb: ControlBots.Verb,
    _ shares: [HostShare],
    grace: Duration,
    settle: Int,
    check: Bool?,
    run: Run
  ) async throws(CallFailure) -> [BotStatus] {
    let ending = FatalFailure()
    let seen = await shares.concurrentMap(limit: fanOut) { share in
      do {
        let runtime = try self.runtime(of: share.host)
        let change = ControlBots(
          verb: verb,
          host: share.host.hostAddress,
          bots: share.bots,
          runtime: runtime,
          stopGrace: Int(grace.seconds.rounded(.up)),
          settle: settle
        )
        do throws(CallFailure) {
          let seen = try await self.perform(change, with: runtime, on: share.host.hostAddress, in: run)
          // What a plan cannot predict it names; the script continues as if it worked.
          return seen ?? share.bots.map { .assumed($0, host: share.host.name, isRunning: verb != .stop) }
        } catch {
          guard let found = await self.foundAfter(error, change, in: run) else { throw error }
          return found
        }
      } catch {
        let failure = CallFailure(anyError: error)
        await ending.note(failure, in: run)
        return share.bots.map { .after(failure, $0, host: share.host.name) }
      }
    }
    try ending.check()
    let bots = seen.flatMap { $0 }
    let done = bots.filter {
      !$0.isUnseen && $0.isRunning == (verb != .stop) && $0.isRefused != true && $0.isFailed != true
    }
    let count = "\(done.count) of \(bots.count.counted("bot"))"
    dialogue.say(
      run.world.mode == .dry
        ? "would \(verb.rawValue) \(count) (dry run: nothing was changed)" : "\(verb.past) \(count)"
    )
    for bot in bots where !done.contains(bot) {
      dialogue.say("  \(bot.bot) on \(bot.host): \(bot.state)\(bot.note.isEmpty ? "" : ": \(bot.note)")")
    }
    for bot in done where bot.note == BotSwap.killedNote { dialogue.say("  \(bot.bot) on \(bot.host) \(bot.note)") }
    dialogue.shown(bots.value)
    guard run.world.mode == .live else { return bots }
    let parts = bots.filter { !done.contains($0) }.map { PartialChange.Part($0) }
    let primitive = "fleet.\(verb.rawValue)"
    try PartialChange(primitive: primitive, count: bots.count, parts: parts, check: check).settle(dialogue)
    return bots
  }

  private func logs(_ shares: [HostShare], lines: Int) async throws(CallFailure) -> [LogRecord] {
    guard lines >= 0 else {
      throw CallFailure(
        .invalid,
        code: "call.argument",
        message: "fleet.logs: 'lines' should be 0 or more, got \(lines)"
      )
    }
    let records = await shares.concurrentMap(limit: fanOut) { share in
      do {
        let found = try await self.hostCalls(share.host).read([
          "logs", "--bots", share.bots.joined(separator: " "), "--lines", "\(lines)",
        ])
        return share.bots.map { bot in
          let text = found.filter { $0.subject == bot && $0.kind == .log }.compactMap { $0["line"] }
          return LogRecord(bot: bot, host: share.host.name, text: text.joined(separator: "\n"))
        }
      } catch {
        let why = CallFailure(anyError: error).reason(on: share.host.name)
        self.dialogue.note(.failuresWithinBudget)
        return share.bots.map { LogRecord(bot: $0, host: share.host.name, text: "(\(why))") }
      }
    }.flatMap { $0 }
    dialogue.shown(records.value)
    for record in records { dialogue.say("── \(record.bot) on \(record.host) ──\n\(record.text)") }
    return records
  }

  private func drift(_ on: HostSelector) async throws(CallFailure) -> [DriftRecord] {
    let records = try await driftRecords(on)
    if records.contains(where: { ["changed", "unreachable", "unknown"].contains($0.state) }) {
      dialogue.note(.failuresWithinBudget)
    }
    return records
  }

  /// Compares the host script of hosts with the one that opsh installs.
  func driftRecords(_ on: HostSelector) async throws(CallFailure) -> [DriftRecord] {
    let site = try requireSite(for: "fleet.drift")
    return await (try selectHosts(on, in: site)).concurrentMap(limit: fanOut) { host in
      do {
        let runtime = try self.runtime(of: host)
        let install = InstallHostScript(host: host.hostAddress, runtime: runtime)
        let found = try await install.installedDigest(in: self.world.dry)
        let state = found == nil ? "missing" : found == runtime.script.sha256 ? "current" : "changed"
        return DriftRecord(host: host.name, state: state, ours: runtime.script.sha256, theirs: found ?? "")
      } catch {
        let failure = CallFailure(anyError: error)
        return DriftRecord(
          host: host.name,
          state: failure.failureClass == .unavailable ? "unreachable" : "unknown",
          ours: "",
          theirs: "",
          note: failure.reason(on: host.name)
        )
      }
    }
  }
}

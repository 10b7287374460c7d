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
      start,
      restart,

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

  private var start: Primitive {
    Primitive(
      "fleet.start",
      "Starts bots that are down, in the order of their system's `needs`; leaves running ones alone.",
      effect: .changes,
      Parameter<BotSelector>("on", Fleet.startHelp),
      Parameter<Duration>("grace", default: .seconds(35), "How long a bot gets to stop on its own"),
      Parameter<Bool?>("check", default: nil, Fleet.checkHelp),
      Parameter<Bool>("dry_run", default: false, "Show what would happen; change nothing"),
      returns: "One record per bot, read back afterwards",
      examples: [Example(#"fleet.start<on="bot1">"#, "one bot")],
      topics: ["service", "live", "needs", "ready"]
    ) { on, grace, check, dry async throws(CallFailure) in
      try await self.control(ControlRequest(.start, on, grace: grace, check: check), dry: dry)
    }
  }

  private var restart: Primitive {
    Primitive(
      "fleet.restart",
      "Stops and starts bots, and checks that they are running and ready.",
      effect: .changes,
      Parameter<BotSelector>("on", Fleet.startHelp),
      Parameter<Duration>("grace", default: .seconds(35), "How long a bot gets to stop on its own"),
      Parameter<Bool?>("check", default: nil, Fleet.checkHelp),
      Parameter<Bool>("dry_run", default: false, "Show what would happen; change nothing"),
      Parameter<Bool>(
        "ordered",
        default: false,
        "Stop what needs others first, and start it when those are ready"
      ),
      returns: "One record per bot, read back afterwards",
      examples: [
        Example(#"fleet.restart<on="bot1">"#, "one bot"),
        Example(#"fleet.restart{ on = "web001", ordered = true }"#, "in the order of their system's `needs`"),
      ],
      topics: ["service", "live", "needs", "ready"]
    ) { on, grace, check, dry, ordered async throws(CallFailure) in
      var request = ControlRequest(.restart, on, grace: grace, check: check)
      request.isOrdered = ordered
      return try await self.control(request, dry: dry)
    }
  }

  private static var startHelp: String { "Which bots; live ones only by their own name, or as a set of bots" }

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

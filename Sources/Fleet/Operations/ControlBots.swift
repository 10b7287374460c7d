package import HostScript
package import PrimitiveKit

/// Starts, stops or restarts bots of one host.
package struct ControlBots: Operation {
  package typealias Outcome = [BotStatus]
  package static let kind = "bots.control"
  /// The host attaches to the change of the same ticket.
  package static let isRepeatable = true

  /// What is done to a bot.
  package enum Verb: String, Codable, Sendable {
    case start, stop, restart

    /// What was done, for a report.
    var past: String { self == .stop ? "stopped" : rawValue + "ed" }
  }

  package let verb: Verb
  package let host: HostAddress
  package let bots: [String]
  package let runtime: Runtime
  /// Seconds a bot has to stop by itself.
  package let stopGrace: Int
  /// Seconds a started bot must stay the same process.
  package let settle: Int
  package var turn: Int?
  /// Whether it is the second half of an ordered restart, which nothing undoes; nil is no.
  package var endsRestart: Bool?

  package var target: OperationTarget { .bots(bots, host: host.name) }
  package var effect: Effect { .changes }
  package var started: [String] { verb == .stop ? [] : bots }
  package var isStop: Bool { verb == .stop }
  package var summary: String { "\(verb.rawValue) \(NameSet(names: bots).folded) on \(host.name)" }

  package var act: String { "\(verb.rawValue) bots" }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<[BotStatus]> {
    var seen = try await look(in: world)
    for index in seen.indices where seen[index].state != "unreachable" {
      // A latch forbids it, and the bot stays as it is.
      if verb != .stop, seen[index].isLatched {
        seen[index].isChanged = false
        seen[index].isRefused = true
        continue
      }
      seen[index].isChanged = verb == .restart || seen[index].isRunning == (verb == .stop)
      seen[index].state = verb == .stop ? "down" : "running"
      // Whoever starts it clears its mark, which somebody set for a reason.
      if verb != .stop {
        seen[index].note = seen[index].mark == nil ? "" : "\(ControlBots.clears): \(seen[index].note)"
        seen[index].mark = nil
      }
    }
    return .exact(seen.map(\.promised))
  }

  private static let clears = "clears its stop mark"

  package func comment(on predicted: [BotStatus]) -> String? {
    let cleared = predicted.filter { $0.note.hasPrefix(ControlBots.clears) }
    let marks = cleared.isEmpty ? nil : cleared.map { "\($0.bot) \($0.note)" }.joined(separator: "; ")
    let changed = verb == .start ? [] : predicted.filter { $0.isChanged == true }
    let drags = Dragging.words(changed.map { ($0.bot, $0.drags) }, again: verb == .restart)
    let lines = [marks, drags].compactMap(\.self)
    return lines.isEmpty ? nil : lines.joined(separator: "; ")
  }

  package var restsOn: [PredictedWorld.Thing] { PredictedBot.things(bots, on: host.name) }

  package func leave(_ outcome: [BotStatus]?, in world: PredictedWorld, why: String) {
    world.leave(bots, on: host.name, as: outcome, why: why)
    if verb == .stop { world.drag(outcome?.flatMap { $0.drags ?? [] } ?? [], on: host.name) }
  }

  package func perform(in world: World) async throws(CallFailure) -> [BotStatus] {
    let arguments = [
      verb.rawValue, "--bots", bots.joined(separator: " "), "--stop", "\(stopGrace)", "--settle", "\(settle)",
      "--wait", "\(HostCalls.patience)",
    ]
    return try await outcome(of: try await calls(world).change(arguments, timeout: timeout), in: world)
  }

  /// The longest it may take: every bot's stop and settle, and what else there is to wait for.
  private var timeout: Duration { .seconds(60 + HostCalls.patience + bots.count * (stopGrace + settle + 15)) }

  private func outcome(of lines: [HostLine], in world: World) async throws(CallFailure) -> [BotStatus] {
    var seen: [BotStatus]
    do throws(CallFailure) {
      seen = try await look(in: world)
    } catch {
      throw error.afterChange
    }
    // Neither is enough alone: what runs was read afterwards, but a bot that should have been restarted runs if it was not.
    for index in seen.indices {
      let isAsWished = seen[index].isRunning == (verb != .stop)
      let said = lines.last { $0.kind == .result && $0.subject == seen[index].bot }
      seen[index].isChanged = said.map { $0["outcome"] != "unchanged" && $0["outcome"] != "refused" }
      if said?["outcome"] == "refused" {
        seen[index].isRefused = true
        seen[index].note = "\(said?["detail"] ?? "has a latch"): \(BotSwap.lift(seen[index].bot))"
      } else if ["failed", "down"].contains(said?["outcome"]) {
        seen[index].isFailed = true
        seen[index].note = said?["detail"] ?? "\(verb.rawValue) failed"
      } else if said == nil {
        // A running bot proves neither a restart nor who started it.
        seen[index].isFailed = true
        seen[index].note = "the host did not report its \(verb.rawValue)"
      } else if !isAsWished {
        seen[index].note = said?["detail"] ?? "\(verb.rawValue) had no effect"
      } else if said?["killed"] == "yes" {
        seen[index].note = BotSwap.killedNote
      }
    }
    return seen
  }

  /// Asks the host for the outcome of the ticket and waits for its end; the bots themselves tell where there is no ticket.
  package func probe(in world: World) async throws(CallFailure) -> Probe<[BotStatus]> {
    if world.ticket != nil {
      switch try await calls(world).attached(timeout: timeout) {
      case .done(let lines): return .done(try await outcome(of: lines, in: world))
      case .failed(let failure): return .failed(failure)
      case .notDone: return .notDone
      case .unknown(let why): return .unknown(why: why)
      }
    }
    let seen = try await look(in: world)
    guard verb != .restart else { return .unknown(why: "a restart leaves no trace of its own") }
    return seen.allSatisfy { $0.isRunning == (verb == .start) } ? .done(seen) : .notDone
  }

  /// Whether every bot is in the predicted state on the predicted image; processes and logins nobody predicts.
  package static func agree(_ predicted: [BotStatus], _ actual: [BotStatus]) -> Bool {
    predicted.count == actual.count
      && zip(predicted, actual).allSatisfy { $0.bot == $1.bot && $0.state == $1.state && $0.digest == $1.digest }
  }

  /// Only what it is known to have changed: what was up already is not stopped, and what was down is not started.
  package func inverse(of outcome: [BotStatus]) -> (any Operation)? {
    let changed = outcome.filter { $0.isChanged == true }.map(\.bot)
    guard verb != .restart, endsRestart != true, !changed.isEmpty else { return nil }
    return ControlBots(
      verb: verb == .stop ? .start : .stop,
      host: host,
      bots: changed,
      runtime: runtime,
      stopGrace: stopGrace,
      settle: settle,
      turn: turn
    )
  }

  package var preparation: (any Operation)? { InstallHostScript(host: host, runtime: runtime) }

  package func leftAsFound(by outcome: [BotStatus]) -> Bool { outcome.allSatisfy { $0.isChanged == false } }

  /// A bot of which the host did not say whether it changed; a restart leaves nothing to undo.
  package func leftInDoubt(by outcome: [BotStatus]) -> Bool {
    verb != .restart && outcome.contains { $0.isChanged == nil }
  }

  package func shortfall(in outcome: [BotStatus]) -> CallFailure? {
    PartialChange.shortfall(outcome.filter { $0.isRunning != (verb != .stop) || $0.isFailed == true })
  }

  package func lapse(in world: World) async throws(CallFailure) -> String? {
    let lost = try await look(in: world).filter { bot in
      bot.isRunning != (verb != .stop) && (verb == .stop || bot.mark == nil)
    }
    return lost.first.map { "\(NameSet(names: lost.map(\.bot)).folded) on \(host.name): \($0.state)" }
  }

  private func look(in world: World) async throws(CallFailure) -> [BotStatus] {
    let lines = try await calls(world).read(["inspect", "--bots", bots.joined(separator: " ")])
    let now = lines.first { $0.kind == .host }?["now"].flatMap { Int($0) }
    let found = lines.filter { $0.kind == .bot }.compactMap { try? HostBot($0) }
    return bots.map { name in
      guard let bot = found.first(where: { $0.name == name }) else {
        return .unreachable(name, host: host.name, why: "the host did not report it")
      }
      var status = BotStatus(bot.after(world, on: host.name), host: host.name, now: now)
      status.drags = bot.dragging(besides: bots, world, on: host.name)
      return status
    }
  }

  private func calls(_ world: World) -> HostCalls {
    HostCalls(runtime: runtime, world: world, host: host)
  }
}

package import HostScript
package import PrimitiveKit

import struct Foundation.Date

/// How far a stop goes.
package enum StopMode: String, Codable, Sendable, CaseIterable {
  /// The bot ends; a later start that names it may start it again.
  case stop
  /// The bot runs on where its runtime cannot tell it; nobody may start it until the latch is lifted.
  case closeOnly = "close_only"
  /// The bot ends, and nobody may start it until the latch is lifted.
  case haltAll = "halt_all"

  /// Whether a mark says as much as this wants, or more.
  func isMet(by mark: String?) -> Bool {
    // They are declared in the order of what they forbid.
    let modes = StopMode.allCases.map(\.rawValue)
    guard let there = modes.firstIndex(where: { $0 == mark }), let wanted = modes.firstIndex(of: rawValue) else {
      return false
    }
    return there >= wanted
  }
}

/// Stops bots of one host through the stop lane: marks them on the host, then ends them.
///
/// Sends its script along and takes neither lock nor epoch, so it works whatever else runs there.
package struct StopBots: Operation {
  package typealias Outcome = [BotStatus]
  package static let kind = "bots.stop"
  /// What is stopped is stopped.
  package static let isRepeatable = true
  package static let lane = Lane.stop

  package let host: HostAddress
  package let bots: [String]
  package let runtime: Runtime
  package let mode: StopMode
  /// Seconds a bot has to stop by itself.
  package let grace: Int
  package let reason: String
  /// Of an inverse: seconds a started bot must stay the same process.
  package let settle: Int
  package var turn: Int?

  package var target: OperationTarget { .bots(bots, host: host.name) }
  package var effect: Effect { .changes }
  package var summary: String {
    let what = mode == .stop ? "stop" : "latch at \(mode.rawValue)"
    return "\(what) \(NameSet(names: bots).folded) on \(host.name)"
  }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<[BotStatus]> {
    var seen = try await look(in: world)
    for index in seen.indices where seen[index].state != "unreachable" && mode != .closeOnly {
      seen[index].isChanged = seen[index].isRunning
      seen[index].state = "down"
    }
    for index in seen.indices where !mode.isMet(by: seen[index].mark) { seen[index].mark = mode.rawValue }
    return .exact(seen.map(\.promised))
  }

  package var restsOn: [PredictedWorld.Thing] { PredictedBot.things(bots, on: host.name) }

  package func leave(_ outcome: [BotStatus]?, in world: PredictedWorld, why: String) {
    let marked = outcome?.map { bot in
      var bot = bot
      // A stronger mark that is there already stays.
      let isStronger = bot.mark == StopMode.haltAll.rawValue || (bot.isLatched && mode == .stop)
      if !isStronger { bot.mark = mode.rawValue }
      return bot
    }
    world.leave(bots, on: host.name, as: marked, why: why)
    if mode != .closeOnly { world.drag(outcome?.flatMap { $0.drags ?? [] } ?? [], on: host.name) }
  }

  package func comment(on predicted: [BotStatus]) -> String? {
    let stopped = predicted.filter { $0.isChanged == true }
    return Dragging.words(stopped.map { ($0.bot, $0.drags) }, again: false)
  }

  /// Answers every bot as the host saw it after the act, in the same answer.
  package func perform(in world: World) async throws(CallFailure) -> [BotStatus] {
    let calls = HostCalls(runtime: runtime, world: world, host: host)
    let lines = try await calls.tell(arguments(in: world), timeout: .seconds(30 + 2 * grace))
    let now = lines.first { $0.kind == .host }?["now"].flatMap { Int($0) }
    return bots.map { name in
      guard let line = lines.last(where: { $0.kind == .bot && $0.subject == name }), let bot = try? HostBot(line) else {
        return .unknown(name, host: host.name, why: "the host did not report it")
      }
      let said = lines.last { $0.kind == .result && $0.subject == name }
      var status = BotStatus(bot, host: host.name, now: now)
      status.isChanged = said.map { $0["outcome"] != "unchanged" }
      let remarks = [said?["killed"] == "yes" ? BotSwap.killedNote : nil, said?["detail"]].compactMap(\.self)
      if !remarks.isEmpty { status.note = remarks.joined(separator: "; ") }
      return status
    }
  }

  private func arguments(in world: World) -> [String] {
    var words = [
      "latch", "--bots", bots.joined(separator: " "), "--mode", mode.rawValue, "--stop", "\(grace)",
      "--who", LoginName.person, "--at", "\(Int(world.now().timeIntervalSince1970))",
    ]
    if !reason.isEmpty { words += ["--reason", reason] }
    if let ticket = world.ticket {
      words += ["--run", ticket.run]
      // Only for comparing: a run does not overwrite the mark of somebody who stopped the bot after it began.
      if let epoch = ticket.epoch { words += ["--epoch", "\(epoch)"] + ticket.since }
    }
    return words
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<[BotStatus]> {
    // Without its mark a bot that is down may be so for another reason, and comes up again.
    let seen = try await look(in: world)
    let isDone = seen.allSatisfy { mode.isMet(by: $0.mark) && (mode == .closeOnly || $0.state == "down") }
    return isDone ? .done(seen) : .notDone
  }

  /// Whether every bot is in the predicted state on the predicted image; processes and logins nobody predicts.
  package static func agree(_ predicted: [BotStatus], _ actual: [BotStatus]) -> Bool {
    ControlBots.agree(predicted, actual)
  }

  package func leftAsFound(by outcome: [BotStatus]) -> Bool {
    mode == .stop && outcome.allSatisfy { $0.isChanged == false }
  }

  /// A bot of which the host did not say whether it ran.
  package func leftInDoubt(by outcome: [BotStatus]) -> Bool {
    mode == .stop && outcome.contains { $0.isChanged == nil }
  }

  package func shortfall(in outcome: [BotStatus]) -> CallFailure? {
    mode == .closeOnly ? nil : PartialChange.shortfall(outcome.filter { $0.state != "down" })
  }

  /// What is known to have run is started again; a latch is nothing that a rollback lifts.
  package func inverse(of outcome: [BotStatus]) -> (any Operation)? {
    let stopped = outcome.filter { $0.isChanged == true }.map(\.bot)
    guard mode == .stop, !stopped.isEmpty else { return nil }
    return ControlBots(
      verb: .start,
      host: host,
      bots: stopped,
      runtime: runtime,
      stopGrace: grace,
      settle: settle,
      turn: turn
    )
  }

  private func look(in world: World) async throws(CallFailure) -> [BotStatus] {
    let calls = HostCalls(runtime: runtime, world: world, host: host)
    let lines = try await calls.read(["inspect", "--bots", bots.joined(separator: " ")])
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
}

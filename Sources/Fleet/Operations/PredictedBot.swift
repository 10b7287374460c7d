import HostScript
import PrimitiveKit

/// What a plan's changes so far would leave of a bot; nil fields are as they are found.
struct PredictedBot: Sendable {
  /// Its stop mark.
  enum Mark: Sendable {
    case asFound
    case none
    /// With its mode.
    case set(String)
  }

  var isRunning: Bool?
  /// Of the image it runs, or would be started from.
  var image: String?
  var digest: String?
  var mark = Mark.asFound

  /// What is predicted of a bot on a host.
  static func thing(_ bot: String, on host: String) -> PredictedWorld.Thing { .host(host, part: "bot \(bot)") }

  static func things(_ bots: [String], on host: String) -> [PredictedWorld.Thing] { bots.map { thing($0, on: host) } }
}

extension HostBot {
  /// The bot as it would be after the changes that a plan predicted so far.
  func after(_ world: World?, on host: String) -> HostBot {
    let thing = PredictedBot.thing(name, on: host)
    guard let fact = world?.predicted?.fact(PredictedBot.self, of: thing) else { return self }
    var bot = self
    bot.image = fact.image ?? image
    bot.digest = fact.digest ?? digest
    switch fact.mark {
    case .asFound: break
    case .none: (bot.mark, bot.markMode) = (nil, nil)
    case .set(let mode): (bot.mark, bot.markMode) = (mark ?? "stopped by an earlier step of the plan", mode)
    }
    guard let isRunning = fact.isRunning, isRunning != (state == .running) || bot.digest != digest else { return bot }
    bot.state = isRunning ? .running : .down
    (bot.pid, bot.started, bot.heartbeatAge, bot.login) = (nil, nil, nil, .unknown)
    return bot
  }
}

extension PredictedWorld {
  /// Notes how a change would leave bots of a host; one of which nothing is known, of all of them.
  func leave(_ bots: [String], on host: String, as seen: [BotStatus]?, why: String) {
    guard let seen else { return bots.forEach { lose(PredictedBot.thing($0, on: host), why: why) } }
    for bot in seen where bot.state != "unreachable" {
      let mark = bot.mark.map { PredictedBot.Mark.set($0) } ?? .none
      let fact = PredictedBot(isRunning: bot.isRunning, image: bot.image, digest: bot.digest, mark: mark)
      set(fact, of: PredictedBot.thing(bot.bot, on: host))
    }
  }
}

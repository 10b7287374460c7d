import HostScript
import PrimitiveKit

/// What a host stops or restarts together with a bot, for a plan: its runtime has dependencies of its own.
enum Dragging {
  /// In words; nil where nothing is dragged along.
  ///
  /// With `again` it is started again afterwards.
  static func words(_ drags: [(bot: String, names: [String]?)], again: Bool) -> String? {
    let lines = drags.compactMap { bot, names -> String? in
      guard let names, !names.isEmpty else { return nil }
      let all = NameSet(names: names).folded
      return again ? "also restarts \(all), stopped with \(bot)" : "also stops \(all), stopped with \(bot)"
    }
    return lines.isEmpty ? nil : lines.joined(separator: "; ")
  }
}

extension HostBot {
  /// What it drags along that a plan has not stopped before, and that is not changed with it.
  func dragging(besides bots: [String], _ world: World?, on host: String) -> [String]? {
    let left = drags.filter { name in
      guard !bots.contains(name) else { return false }
      return world?.predicted?.fact(PredictedBot.self, of: PredictedBot.thing(name, on: host))?.isRunning != false
    }
    return left.isEmpty ? nil : left
  }
}

extension PredictedWorld {
  /// Notes that bots of a host go down with others.
  func drag(_ bots: [String], on host: String) {
    for bot in bots {
      let thing = PredictedBot.thing(bot, on: host)
      var found = fact(PredictedBot.self, of: thing) ?? PredictedBot()
      found.isRunning = false
      set(found, of: thing)
    }
  }
}

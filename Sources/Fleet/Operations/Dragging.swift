import HostScript
import PrimitiveKit
import Site

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

extension Fleet {
  /// What hosts stop with bots that are about to be stopped or restarted, a line for each host; a host that does not answer
  /// says so when it is changed.
  func dragged(along shares: [HostShare], again: Bool, in world: World) async -> [String] {
    let lines = await shares.concurrentMap(limit: fanOut) { share -> String? in
      guard let runtime = try? self.runtime(of: share.host), runtime.script.text.contains("\ndriver_about() {") else {
        return nil
      }
      let calls = HostCalls(runtime: runtime, world: world.dry, host: share.host.hostAddress)
      let seen = (try? await calls.read(["inspect", "--bots", share.bots.joined(separator: " ")])) ?? []
      let bots = seen.filter { $0.kind == .bot }.compactMap { try? HostBot($0) }
      let drags = bots.map { ($0.name, $0.dragging(besides: share.bots, world, on: share.host.name)) }
      return Dragging.words(drags, again: again).map { "\(share.host.name): \($0)" }
    }
    return lines.compactMap(\.self)
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

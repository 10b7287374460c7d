package import HostScript
package import PrimitiveKit

/// Takes the stop marks of bots of one host away, latches included, so that they may be started again; starts nothing.
package struct LiftMarks: Operation {
  package typealias Outcome = [LiftedMark]
  package static let kind = "bots.lift"
  /// What is lifted is lifted.
  package static let isRepeatable = true

  package let host: HostAddress
  package let bots: [String]
  package let runtime: Runtime
  /// Why, for the journal.
  package let reason: String

  package var target: OperationTarget { .bots(bots, host: host.name) }
  package var effect: Effect { .administers }
  /// However few: what was stopped for good may trade again.
  package var stake: Stake? { Stake(bots.count, "bots") }
  package var summary: String { "lift the stop marks of \(NameSet(names: bots).folded) on \(host.name)" }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<[LiftedMark]> {
    var found = try await marks(in: world)
    for index in found.indices {
      let thing = PredictedBot.thing(found[index].bot, on: host.name)
      switch world.predicted?.fact(PredictedBot.self, of: thing)?.mark {
      case .asFound?, nil: break
      case PredictedBot.Mark.none?: (found[index].state, found[index].mode) = ("unchanged", "")
      case .set(let mode)?: (found[index].state, found[index].mode) = ("lifted", mode)
      }
    }
    return .exact(found)
  }

  package var restsOn: [PredictedWorld.Thing] { PredictedBot.things(bots, on: host.name) }

  package func leave(_ outcome: [LiftedMark]?, in world: PredictedWorld, why: String) {
    for bot in bots {
      let thing = PredictedBot.thing(bot, on: host.name)
      if outcome == nil {
        world.lose(thing, why: why)
      } else {
        var fact = world.fact(PredictedBot.self, of: thing) ?? PredictedBot()
        fact.mark = .none
        world.set(fact, of: thing)
      }
    }
  }

  package func leftAsFound(by outcome: [LiftedMark]) -> Bool { outcome.allSatisfy { $0.state == "unchanged" } }

  /// Whether each mark is gone as predicted; who set it and why is said as it is found.
  package static func agree(_ predicted: [LiftedMark], _ actual: [LiftedMark]) -> Bool {
    predicted.count == actual.count
      && zip(predicted, actual).allSatisfy { $0.bot == $1.bot && $0.state == $1.state && $0.mode == $1.mode }
  }

  /// Answers what each bot's mark said, and whether it is gone.
  ///
  /// The host lifts the very marks that were just seen, and only for the newest lease.
  package func perform(in world: World) async throws(CallFailure) -> [LiftedMark] {
    var found = try await marks(in: world)
    let marked = found.filter { $0.id != nil }
    if marked.isEmpty { return found }
    let seen = marked.compactMap { mark in mark.id.map { "\(mark.bot)=\($0)" } }.joined(separator: " ")
    let words = ["latch", "--bots", marked.map(\.bot).joined(separator: " "), "--lift", "--seen", seen]
    let calls = HostCalls(runtime: runtime, world: world, host: host)
    let lines = try await calls.tell(words + (world.ticket?.arguments ?? []), timeout: .seconds(30))
    for index in found.indices where found[index].id != nil {
      let said = lines.last { $0.kind == .result && $0.subject == found[index].bot }
      found[index].state = said?["outcome"] ?? "unknown"
      if let detail = said?["detail"] { found[index].note = detail }
    }
    return found
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<[LiftedMark]> {
    let left = try await marks(in: world)
    return left.allSatisfy { $0.state == "unchanged" } ? .done(left) : .notDone
  }

  /// Whether somebody stopped a bot for good is nothing that a rollback decides.
  package func inverse(of outcome: [LiftedMark]) -> (any Operation)? { nil }

  /// The marks as they are now, each as if it were lifted.
  func marks(in world: World) async throws(CallFailure) -> [LiftedMark] {
    let calls = HostCalls(runtime: runtime, world: world, host: host)
    let lines = try await calls.read(["latch", "--bots", bots.joined(separator: " ")])
    return bots.map { bot in
      guard let line = lines.first(where: { $0.kind == .other("mark") && $0.subject == bot }) else {
        return LiftedMark(bot: bot, host: host.name, state: "unchanged", note: "it has no stop mark")
      }
      let why = [line["who"], line["reason"]].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ": ")
      let mode = line["mode"] ?? "stop"
      return LiftedMark(bot: bot, host: host.name, state: "lifted", mode: mode, note: why, id: line["id"])
    }
  }
}

/// The outcome of one bot's mark.
package struct LiftedMark: Record, Codable, Sendable, Equatable {
  package let bot: String
  package let host: String
  package var state: String
  package var mode = ""
  package var note: String
  /// Which mark it was, in a word of the host script; nil where it had none.
  package var id: String?

  package static var luaType: String { "fleet.Lift" }
  package static let columns: [Column<Self>] = [
    Column(\.bot, "bot", "Name"),
    Column(\.host, "host", "Host it is on"),
    Column(
      \.state,
      "state",
      "lifted, unchanged (it had no mark), refused (it has another mark now), failed, unknown or unreachable"
    ),
    Column(\.mode, "mode", "Mode of the mark: stop, close_only or halt_all; empty if it had none"),
    Column(\.note, "note", "Who stopped it and why, or what went wrong"),
  ]
}

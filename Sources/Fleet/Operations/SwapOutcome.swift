import HostScript
package import PrimitiveKit

/// The outcome of the bots of one host in a swap.
package struct SwapOutcome: Record, Codable, Sendable, Equatable {
  package let host: String
  package var bots: [BotSwap]

  package static var luaType: String { "fleet.Swap" }
  package static let columns: [Column<Self>] = [
    Column(\.host, "host", "Where"),
    Column(records: "bots", "The outcome of each") { $0.bots },
  ]

  package var isGood: Bool { bots.allSatisfy(\.isGood) }
  /// Whether nothing went wrong, but somebody stopped or latched bots of it.
  package var wasStopped: Bool {
    bots.contains { $0.isWithheld } && bots.allSatisfy { $0.isGood || $0.isWithheld }
  }
  package var isUnchanged: Bool { bots.allSatisfy { $0.result == .unchanged } }

  /// What went wrong: one clause for all bots that ended alike, with the last log line of the first of them.
  package var complaint: String {
    var groups: [(words: String, bots: [String], log: String)] = []
    for bot in bots where !bot.isGood {
      let words = bot.detail.beginning(without: bot.bot)
      let said = words.isEmpty ? bot.result.phrase : "\(bot.result.phrase): \(words)"
      let phrase =
        switch bot.result {
        case .stopped: "was \(words)"
        case .swapped, .unchanged: "\(bot.result.phrase) and \(words) since"
        case .refused: words.isEmpty ? said : words
        default: said
        }
      if let index = groups.firstIndex(where: { $0.words == phrase }) {
        groups[index].bots.append(bot.bot)
      } else {
        groups.append((phrase, [bot.bot], bot.log.split(separator: "\n").last.map(String.init) ?? ""))
      }
    }
    let latched = bots.filter { $0.result == .refused }.map(\.bot)
    return groups.map { group in
      let names = NameSet(names: group.bots).folded
      let way = group.bots.first.map(latched.contains) == true ? ": \(BotSwap.lift(names))" : ""
      return "\(names) \(group.words)\(way)\(group.log.isEmpty ? "" : " (its log: \(group.log))")"
    }.joined(separator: "; ")
  }

  mutating func adopt(_ results: [SwapResult]) {
    for result in results {
      guard let index = bots.firstIndex(where: { $0.bot == result.bot }) else { continue }
      bots[index].result = BotSwap.Result(rawValue: result.outcome.rawValue) ?? .unknown
      bots[index].detail = result.detail ?? ""
      bots[index].wasKilled = result.wasKilled
      if result.isStill { bots[index].isStill = true }
      bots[index].log = result.log ?? ""
      bots[index].seconds = result.seconds
      bots[index].before = result.outcome == .unchanged ? result.digest : result.before
    }
  }

  /// Takes what a look tells of bots that gave no result: one that is not on the image runs, or would run, its old one.
  ///
  /// Where no bot gave one, nothing says that the swap is over.
  mutating func infer(from found: [HostBot], _ digest: String) {
    guard bots.contains(where: { $0.result != .unknown }) else { return }
    for index in bots.indices where bots[index].result == .unknown {
      let bot = found.first { $0.name == bots[index].bot }
      guard let bot, !bot.digest.isEmpty, bot.digest != digest else { continue }
      bots[index].before = bot.digest
      bots[index].result = bot.state == .running ? .failed : .down
      bots[index].detail = "the swap stopped before it was done"
    }
  }
}

/// The outcome of one bot in a swap.
package struct BotSwap: Record, Codable, Sendable, Equatable {
  /// How the swap of one bot ended, in the words of the host script.
  package enum Result: String, Codable, Sendable {
    case swapped, unchanged, failed, down, unknown
    case rolledBack = "rolled_back"
    /// The swap met a stop mark: the old image is in place and nothing runs, on purpose.
    case stopped = "stopped_by"
    /// A latch forbids it: nothing was done, and what ran runs on.
    case refused

    var phrase: String {
      switch self {
      case .swapped: "was swapped"
      case .unchanged: "was already on it"
      case .rolledBack: "was rolled back to its old image"
      case .failed: "failed"
      case .down: "is down"
      case .unknown: "returned no result"
      case .stopped: "was stopped"
      case .refused: "was refused"
      }
    }
  }

  package let bot: String
  package var result: Result
  /// The digest it ran before; nil when nothing ran.
  package var before: String?
  package var detail: String
  /// Whether the old version outlived the stop grace.
  package var wasKilled = false
  /// The last lines of the log of a version that did not stay.
  package var log = ""
  package var seconds: Double?
  /// Whether a stop mark ended it once the image was in place; nil is no, so that swaps are recorded as they were.
  package var stoppedLater: Bool?
  /// Whether it is a live bot that was not running and was left so; nil is no.
  package var isStill: Bool?
  /// The bots and units of its host that are stopped with it and started again, where a plan has found any.
  package var drags: [String]?

  package var isGood: Bool { (result == .swapped || result == .unchanged) && stoppedLater != true }
  /// Whether a mark of somebody kept it from its new image.
  var isWithheld: Bool { result == .stopped || result == .refused || stoppedLater == true }

  /// How a latch is lifted.
  static func lift(_ bots: String) -> String { "`opsh lift \(bots) --reason …`" }

  /// What a kill may mean (R1-38).
  static let killedNote = "did not stop within the grace and was killed; its orders may still be open"

  package static var luaType: String { "fleet.BotSwap" }
  package static let columns: [Column<Self>] = [
    Column(\.bot, "bot", "Name"),
    Column(
      \.result.rawValue,
      "result",
      "swapped, unchanged, rolled_back, failed, down, stopped_by, refused or unknown"
    ),
    Column(\.before, "before", "Digest of the image it ran before"),
    Column(\.detail, "detail", "Why it did not succeed"),
    Column(\.log, "log", "The end of the log of a version that was rolled back"),
    Column(\.wasKilled, "killed", "Whether the old version had to be killed after the grace"),
    Column(\.seconds, "seconds", "How long it took"),
  ]

  /// Whether the image before is the same, where both say; a bot that was left alone replaced none.
  func agrees(with other: BotSwap) -> Bool {
    [.unchanged, .refused].contains(result) || before == other.before
  }

  static func silent(_ bot: String) -> BotSwap { BotSwap(bot: bot, result: .unknown, before: nil, detail: "") }
}

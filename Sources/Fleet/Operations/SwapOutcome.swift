package import PrimitiveKit

/// What became of the bots of one host in a swap.
package struct SwapOutcome: Record, Codable, Sendable, Equatable {
  package let host: String
  package var bots: [BotSwap]

  package static var luaType: String { "fleet.Swap" }
  package var value: Value { .table(["host": host.value, "bots": bots.value]) }

  package var isGood: Bool { bots.allSatisfy(\.isGood) }
  package var isUnchanged: Bool { bots.allSatisfy { $0.result == .unchanged } }

  /// What went wrong, one clause a bot that is not as wished.
  package var complaint: String {
    bots.filter { !$0.isGood }
      .map { "\($0.bot) \($0.result.phrase)\($0.detail.isEmpty ? "" : ": \($0.detail)")" }
      .joined(separator: "; ")
  }

  mutating func adopt(_ results: [SwapResult], before: [String: String]) {
    for result in results {
      guard let index = bots.firstIndex(where: { $0.bot == result.bot }) else { continue }
      bots[index].result = BotSwap.Result(rawValue: result.outcome.rawValue) ?? .unknown
      bots[index].detail = [result.detail, result.log].compactMap { $0 }.joined(separator: "; log: ")
      bots[index].seconds = result.seconds
      bots[index].before = before[result.bot]
    }
  }
}

/// What became of one bot in a swap.
package struct BotSwap: Record, Codable, Sendable, Equatable {
  package enum Result: String, Codable, Sendable {
    case swapped, unchanged, failed, down, unknown
    case rolledBack = "rolled_back"

    var phrase: String {
      switch self {
      case .swapped: "was swapped"
      case .unchanged: "was there already"
      case .rolledBack: "went back to its old image"
      case .failed: "failed"
      case .down: "is down"
      case .unknown: "gave no result"
      }
    }
  }

  package let bot: String
  package var result: Result
  /// The digest it ran before; nil when nothing ran.
  package var before: String?
  package var detail: String
  package var seconds: Double?

  package var isGood: Bool { result == .swapped || result == .unchanged }

  package static var luaType: String { "fleet.BotSwap" }
  package var value: Value {
    .table([
      "bot": bot.value, "result": result.rawValue.value, "before": before.value, "detail": detail.value,
      "seconds": seconds.value,
    ])
  }

  static func silent(_ bot: String) -> BotSwap { BotSwap(bot: bot, result: .unknown, before: nil, detail: "") }
}

package import PrimitiveKit

/// Every bot in exactly one class, read after and apart from a deploy (R1-19, R1-21).
package struct Verification: Record, Sendable, Equatable {
  /// The image it was held against, by name.
  package let image: String
  package let bots: [BotStatus]
  /// Running the image and logged in.
  package let loggedIn: [String]
  /// Running the image, not logged in yet.
  package let notLoggedIn: [String]
  /// Running another image, a rolled-back swap included.
  package let stale: [String]
  /// Nothing runs.
  package let down: [String]
  /// Live, on the image and not running, as the deploy found them.
  package let still: [String]
  /// The host did not answer, so nothing is known.
  package let unknown: [String]

  init(_ survey: Survey, image: Image, live: Set<String> = []) {
    self.init(survey.bots, image: image, live: live)
  }

  init(_ bots: [BotStatus], image: Image, live: Set<String> = []) {
    self.image = image.name
    self.bots = bots
    var loggedIn: [String] = [], notLoggedIn: [String] = [], stale: [String] = [], down: [String] = []
    var unknown: [String] = [], still: [String] = []
    for bot in bots {
      switch bot.state {
      case "running" where bot.digest != image.reference.digest: stale.append(bot.bot)
      case "running": bot.login == "yes" ? loggedIn.append(bot.bot) : notLoggedIn.append(bot.bot)
      case "unreachable", "unknown": unknown.append(bot.bot)
      case "down" where live.contains(bot.bot) && bot.digest == image.reference.digest: still.append(bot.bot)
      default: down.append(bot.bot)
      }
    }
    (self.loggedIn, self.notLoggedIn, self.stale, self.down, self.still, self.unknown) =
      (loggedIn, notLoggedIn, stale, down, still, unknown)
  }

  package var onVersion: Int { loggedIn.count + notLoggedIn.count + still.count }
  /// Whether every bot is proven on the image and logged in, or live and left as it was found (G-01).
  package var isComplete: Bool { loggedIn.count + still.count == bots.count }
  /// Whether a bot is on another image, down, or not known.
  package var isPartial: Bool { onVersion < bots.count }

  package static var luaType: String { "fleet.Verification" }
  package static let columns: [Column<Self>] = [
    Column(\.image, "image", "The image the bots were compared with"),
    Column(\.bots.count, "total", "Bots checked; the classes below add up to it"),
    Column(\.loggedIn, "logged_in", "On the image and logged in"),
    Column(\.notLoggedIn, "not_logged_in", "On the image, not logged in yet"),
    Column(\.stale, "stale", "On another image"),
    Column(\.down, "down", "Nothing is running"),
    Column(\.still, "still", "Live, on the image and not running, as they were found"),
    Column(\.unknown, "unknown", "The host did not answer"),
  ]

  /// The block of seed 001; ids folded.
  func render() -> String {
    var rows: [(String, String)] = [
      ("on deployed version", "\(onVersion)/\(bots.count)"),
      ("logged in", "\(bots.count { $0.isLoggedIn })/\(bots.count)"),
      ("stale (old image)", Verification.listed(stale)),
      ("down (nothing runs)", Verification.listed(down)),
      ("unknown (no answer)", Verification.listed(unknown)),
      ("not logged in yet", Verification.listed(notLoggedIn)),
    ]
    if !still.isEmpty { rows.append(("live, left down as found", Verification.listed(still))) }
    let width = rows.map(\.0.count).max() ?? 0
    let lines = rows.map { $0 + String(repeating: " ", count: width - $0.count) + " : " + $1 }
    return (["── verification report (\(bots.count.counted("bot")), \(image)) ──"] + lines).joined(separator: "\n")
  }

  static func listed(_ bots: [String]) -> String {
    bots.isEmpty ? "0" : "\(bots.count) -> \(NameSet(names: bots).folded)"
  }
}

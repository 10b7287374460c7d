import PrimitiveKit
import Site

/// The bots of a selection that are started or restarted: live ones only where the selector names them (DESIGN section 16).
struct LiveChoice: Sendable {
  let shares: [HostShare]
  /// Live bots that the selection only covers.
  let leftOut: [String]
  /// Why those may be live of which nothing is known.
  private let reasons: [String: String]

  init(_ selected: [HostShare], _ on: BotSelector, _ systems: SystemCatalog, in site: Site) {
    let isNamed = on.naming(in: site)
    var leftOut: [String] = []
    shares = selected.compactMap { share in
      let bots = share.bots.filter { !systems.isLive($0) || isNamed($0) }
      leftOut += share.bots.filter { !bots.contains($0) }
      return bots.isEmpty ? nil : HostShare(host: share.host, bots: bots)
    }
    self.leftOut = leftOut
    var reasons: [String: String] = [:]
    for bot in leftOut {
      reasons[bot] = systems.undecided(bot).map { "may be live: plugin '\($0.plugin)' is not loaded" }
    }
    self.reasons = reasons
  }

  /// What a plan and a report say of them, a line for each reason.
  var lines: [String] {
    Dictionary(grouping: leftOut) { reasons[$0] ?? (leftOut.count == 1 ? "live bot" : "live bots") }
      .sorted { $0.key < $1.key }
      .map { why, bots in
        "left out: \(NameSet(names: bots).folded) (\(why); name \(bots.count == 1 ? "it" : "them") to include)"
      }
  }

  /// Throws `fleet.live_only` where nothing else is selected.
  func requireAny(_ primitive: String, _ on: BotSelector) throws(CallFailure) {
    guard shares.isEmpty, let first = leftOut.first else { return }
    throw CallFailure(
      .invalid,
      code: "fleet.live_only",
      message:
        "\(primitive): '\(on.text)' selects only live bots, which must be named: \(NameSet(names: leftOut).folded)",
      hint: "name each, for example \(primitive)<on=\"\(first)\">"
    )
  }
}

extension BotSelector {
  /// Whether it names a bot: by the bot's own name, or as a set of bots.
  ///
  /// Hosts, groups, tags, ranges and patterns cover bots and name none.
  fileprivate func naming(in site: Site) -> (String) -> Bool {
    if isSet, let set = try? NameSet(parsing: text), site.botNames.isSuperset(of: set) { return { set.contains($0) } }
    let words = Set(text.split { ",!&^|".contains($0) || $0.isWhitespace }.map(String.init))
    return { words.contains($0) }
  }
}

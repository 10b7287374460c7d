import Foundations
import PrimitiveKit
import Rollout
import Site

/// What an operator asked a deploy to do, every name resolved against the site.
struct DeployRequest: Sendable {
  /// As typed: `all`, `staging`, `bot`, or a selector.
  let target: String
  let shares: [HostShare]
  let image: Image
  var policy: RolloutPolicy
  let reason: String?
  /// True when it goes back to an image that ran before; else nil.
  var restores: Bool?
  /// Those of its bots that are live: they stay as they are found, running or not.
  var live: Set<String> = []

  var hostNames: [String] { shares.map(\.host.name) }
  var botCount: Int { shares.reduce(0) { $0 + $1.bots.count } }
  /// The most bots on one host: what one host at a time means in logins.
  var botsPerHost: Int { shares.map(\.bots.count).max() ?? 0 }
  var isWholeFleet: Bool { target == "all" }
  var isSingleBot: Bool { target == "bot" }

  /// The live bots of a host, as its swap is told; nil where there are none.
  func asFound(of share: HostShare) -> [String]? {
    let bots = share.bots.filter(live.contains)
    return bots.isEmpty ? nil : bots
  }

  /// Whether a bot is a live one that has the image and is down, which is as it was found.
  func isStill(_ bot: BotStatus) -> Bool {
    live.contains(bot.bot) && bot.state == "down" && bot.digest == image.reference.digest
  }

  func share(_ host: String) -> HostShare? { shares.first { $0.host.name == host } }
}

/// The arguments of `fleet.deploy` and `fleet.plan`, as they were given.
struct DeployArguments: Sendable {
  var target: String?
  var speed: String?
  var bot: BotNumber?
  var image: String?
  var settle: Duration?
  var reason: String?
  var restores = false

  var isEmpty: Bool { target == nil && speed == nil && bot == nil && image == nil }

  /// What was given, by parameter name.
  var values: [String: Value] {
    let all: [String: Value] = [
      "target": target.value, "speed": speed.value, "bot": bot?.value ?? .null, "image": image.value,
      "settle": settle.map { .number($0.seconds) } ?? .null, "reason": reason.value,
      "restores": restores ? .bool(true) : .null,
    ]
    return all.filter { $0.value != .null }
  }
}

extension Fleet {
  /// Resolves the arguments, by the grammar of seed 001 (R1-03): a speed goes with `all`, a bot with `bot`.
  func resolve(_ arguments: DeployArguments, in site: Site) throws(CallFailure) -> DeployRequest {
    do {
      let image = try image(arguments.image, in: site)
      var target = arguments.target
      if target == nil, arguments.bot != nil { target = "bot" }
      guard let target else { throw FleetError.targetMissing }
      if arguments.bot != nil, target != "bot" { throw FleetError.botNotWanted(target: target) }
      let shares = try shares(of: target, bot: arguments.bot, in: site)
      for share in shares { _ = try runtime(of: share.host) }
      let count = shares.reduce(0) { $0 + $1.bots.count }
      guard count > 0 else { throw FleetError.noBots(target: target) }
      // `yes` confirms one bot, so the name of a host or a set must not pass for one.
      guard target != "bot" || count == 1 else { throw FleetError.notOneBot(arguments.bot?.name ?? "", count: count) }
      if let speed = arguments.speed, target == "bot" || target == "staging" {
        throw FleetError.speedNotWanted(speed: speed, target: target)
      }
      var policy = try speeds.speed(named: arguments.speed ?? speeds.defaultName)
      try policy.check(wholeFleet: target == "all")
      if let settle = arguments.settle ?? site.fleet.settle { policy.settleSeconds = Int(settle.seconds.rounded(.up)) }
      if let wait = site.fleet.loginWait, policy.loginWaitSeconds > 0 {
        policy.loginWaitSeconds = Int(wait.seconds.rounded(.up))
      }
      if !dialogue.isInteractive { policy.inconclusiveGate = .fail }
      let reason = arguments.reason ?? options.reason
      return DeployRequest(
        target: target,
        shares: shares,
        image: image,
        policy: policy,
        reason: reason,
        restores: arguments.restores ? true : nil,
        live: live(in: shares)
      )
    } catch {
      throw CallFailure(anyError: error)
    }
  }

  /// The live bots among these.
  func live(in shares: [HostShare]) -> Set<String> { Set(shares.flatMap(\.bots).filter(systems.isLive)) }

  private func image(_ name: String?, in site: Site) throws(FleetError) -> Image {
    let known = site.fleet.images.keys.sorted()
    guard let name = name ?? site.fleet.defaultImage else { throw .noImage(known: known) }
    if let image = site.fleet.images[name] { return image }
    guard let digits = Image.digits(name) else { throw .unknownImage(name: name, known: known) }
    let found = site.fleet.images.values.filter { $0.digest.hex.hasPrefix(digits) }.sorted { $0.name < $1.name }
    // Two names for one digest are one image.
    if let image = found.first, Set(found.map(\.digest)).count == 1 { return image }
    guard let digest = Image.Digest("sha256:\(digits)") else {
      throw .imagePrefix(digits, count: Set(found.map(\.digest)).count)
    }
    // The site does not say where it comes from: the hosts must have it.
    return Image(name: "sha256:\(digits.prefix(12))", digest: digest, source: "")
  }

  private func shares(of target: String, bot: BotNumber?, in site: Site) throws -> [HostShare] {
    try shares(selecting: try selector(of: target, bot: bot, in: site), in: site)
  }

  private func selector(of target: String, bot: BotNumber?, in site: Site) throws(FleetError) -> String {
    guard target == "bot" else { return site.targets[target] ?? target }
    guard let bot else { throw .botMissing }
    return bot.name
  }

  /// What a target stands for; hosts without bots are among its hosts.
  func target(_ target: String, bot: BotNumber?, in site: Site) throws -> TargetRecord {
    let selector = try selector(of: target, bot: bot, in: site)
    let hosts = try Selection.hosts(selector, in: site).map(\.name)
    let shares = (try? shares(selecting: selector, in: site)) ?? []
    let choice = LiveChoice(shares, BotSelector(stringLiteral: selector), systems, in: site)
    return TargetRecord(hosts: hosts, shares: shares, live: choice.leftOut)
  }

  /// The bots a selector names, by host, in site order.
  func shares(selecting selector: String, in site: Site) throws -> [HostShare] {
    let bots = Dictionary(grouping: try Selection.bots(selector, in: site)) { $0.host.name }
    return site.hosts.compactMap { host in
      bots[host.name].map { HostShare(host: host, bots: $0.map(\.name)) }
    }
  }
}

/// A bot as a number or a name: `539`, `"539"` and `"bot539"` are the same bot.
struct BotNumber: ValueConvertible, Sendable {
  let name: String

  static var luaType: String { "integer|string" }
  static var completion: Completion { .bots }

  init(_ value: Value) throws(ConversionError) {
    switch value {
    case .int(let number) where number >= 0: name = "bot\(number)"
    case .string(let text) where !text.isEmpty: name = text.allSatisfy(\.isNumber) ? "bot\(text)" : text
    default: throw ConversionError(expected: "the number or name of one bot", found: value)
    }
  }

  var value: Value { .string(name) }
}

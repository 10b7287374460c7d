import Foundations
import HostScript
import PrimitiveKit
import Site

/// What somebody wants done with bots, as a call says it.
struct ControlRequest: Sendable {
  let verb: ControlBots.Verb
  let on: BotSelector
  let grace: Duration
  /// As `PartialChange.check`.
  let check: Bool?
  /// Whether a restart follows `needs`; a start always does.
  var isOrdered: Bool

  init(_ verb: ControlBots.Verb, _ on: BotSelector, grace: Duration, check: Bool? = nil) {
    (self.verb, self.on, self.grace, self.check) = (verb, on, grace, check)
    isOrdered = verb == .start
  }

  var primitive: String { "fleet.\(verb.rawValue)" }

  /// For the record of the call, which resumes it.
  var arguments: [String: Value] {
    var arguments: [String: Value] = ["on": on.value, "grace": .number(grace.seconds)]
    if verb == .restart, isOrdered { arguments["ordered"] = .bool(true) }
    return arguments
  }
}

extension Fleet {
  /// Starts or restarts bots: those that live, in the order of their needs, each ready before what needs it.
  func control(_ request: ControlRequest, dry: Bool) async throws(CallFailure) -> [BotStatus] {
    let site = try requireSite(for: request.primitive)
    let choice = LiveChoice(try selectShares(request.on.text, in: site), request.on, systems, in: site)
    try choice.requireAny(request.primitive, request.on)
    for share in choice.shares { _ = try runtime(of: share.host) }
    return try await inRun(
      of: request.primitive,
      request.arguments,
      hosts: choice.shares.map(\.host),
      dry: dry
    ) { run throws(CallFailure) in
      let order = request.isOrdered ? StartOrder(choice.shares, self.systems) : StartOrder(unordered: choice.shares)
      await self.announce(choice, order, request, run)
      let round = ControlRound(fleet: self, request: request, order: order, settle: self.settle(in: site), run: run)
      let seen = try await round.perform()
      return try self.report(seen, request, run)
    }
  }

  /// Seconds a started bot must stay the same process.
  private func settle(in site: Site) -> Int { Int((site.fleet.settle ?? .seconds(2)).seconds.rounded(.up)) }

  /// Says what a plan cannot see in the operations: who is left out, the order, and what is waited for.
  private func announce(_ choice: LiveChoice, _ order: StartOrder, _ request: ControlRequest, _ run: Run) async {
    var lines = choice.lines
    if request.verb == .restart {
      lines += await dragged(along: choice.shares, again: !order.isOrdered, in: run.world)
    }
    if order.isOrdered {
      if request.verb == .restart { lines.append("stops \(order.lineBackwards)") }
      lines.append("starts \(order.line)")
    }
    if run.world.mode == .dry {
      for bot in order.layers.flatMap({ $0 }).flatMap(\.bots) {
        guard let (system, member) = systems.home(of: bot), let ready = system.readiness(of: member) else { continue }
        lines.append("\(bot) is ready when \(ready.words)")
      }
      for line in lines { await run.describe(line) }
    }
    for line in lines { dialogue.say(line) }
  }

  private func report(_ bots: [BotStatus], _ request: ControlRequest, _ run: Run) throws(CallFailure) -> [BotStatus] {
    let verb = request.verb
    let done = bots.filter {
      !$0.isUnseen && $0.isRunning == (verb != .stop) && $0.isRefused != true && $0.isFailed != true
    }
    let count = "\(done.count) of \(bots.count.counted("bot"))"
    dialogue.say(
      run.world.mode == .dry
        ? "would \(verb.rawValue) \(count) (dry run: nothing was changed)" : "\(verb.past) \(count)"
    )
    let failed = bots.filter { !done.contains($0) }
    for bot in failed {
      let note = bot.note.isEmpty ? "" : ": \(bot.note)"
      dialogue.say(
        "  \(bot.bot) on \(bot.host): \(bot.state)\(note)\(systems.isCritical(bot.bot) ? "" : " (not critical)")"
      )
    }
    for bot in done where bot.note == BotSwap.killedNote { dialogue.say("  \(bot.bot) on \(bot.host) \(bot.note)") }
    dialogue.shown(bots.value)
    guard run.world.mode == .live else { return bots }
    // What is not critical was told, and fails nothing.
    let parts = failed.filter { systems.isCritical($0.bot) }.map { PartialChange.Part($0) }
    try PartialChange(primitive: request.primitive, count: bots.count, parts: parts, check: request.check)
      .settle(dialogue)
    return bots
  }
}

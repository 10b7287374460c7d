import Foundations
package import PrimitiveKit
import Site
import Synchronization

/// What somebody wants stopped, and how.
package struct StopWish: Sendable {
  package var mode = StopMode.stop
  package var grace = Duration.seconds(35)
  package var reason = ""
  /// Whether it was asked for in words that leave no doubt: nobody is asked again.
  package var isOnPurpose = false

  /// Whether what needs others stops before them: not where every second counts.
  var isOrdered: Bool { mode == .stop && !isOnPurpose }

  package init() {}
}

extension Fleet {
  /// Stops bots through the stop lane and answers how each of them stands afterwards.
  ///
  /// Throws `prompt.not_interactive` and `plan.declined` where more than one host needs a confirmation.
  package func stop(
    _ on: BotSelector,
    _ wish: StopWish,
    check: Bool? = nil,
    dry: Bool
  ) async throws(CallFailure) -> [BotStatus] {
    let site = try requireSite(for: "fleet.stop")
    let shares = try selectShares(on.text, in: site)
    if !isDry(dry), admission.ongoing(dry: dry) == nil { try await confirm(wish, shares) }
    let arguments: [String: Value] = [
      "on": on.value, "grace": .number(wish.grace.seconds), "reason": wish.reason.value,
      "mode": wish.mode.rawValue.value,
    ]
    let settle = Int((site.fleet.settle ?? .seconds(2)).seconds.rounded(.up))
    return try await inStopLane(of: "fleet.stop", arguments, hosts: shares.map(\.host), dry: dry) {
      run throws(CallFailure) in
      let unwritten = Mutex<[HostShare]>([])
      // What must not wait stops all at once; whatever the order, no bot is left out.
      let order = wish.isOrdered ? StartOrder(shares, self.systems) : StartOrder(unordered: shares)
      if order.isOrdered {
        await run.describe("stops \(order.lineBackwards)")
        self.dialogue.say("stops \(order.lineBackwards)")
      }
      var bots: [BotStatus] = []
      for (turn, layer) in order.layers.reversed().enumerated() {
        let place = order.isOrdered ? turn : nil
        bots += await self.stop(layer, wish, settle, run, turn: place) { share in
          unwritten.withLock { $0.append(share) }
        }
      }
      // The journal or the lock of the run failed: that is no reason to let a bot run on.
      let rest = unwritten.withLock { $0 }
      if !rest.isEmpty {
        var arguments = arguments
        arguments["run"] = run.id.value
        let more = try await self.outsideRuns(of: "fleet.stop", arguments, hosts: rest.map(\.host)) {
          (run) throws(CallFailure) in await self.stop(rest, wish, settle, run) { _ in }
        }
        bots += more
      }
      let isDry = run.world.mode == .dry
      if isDry, let words = Dragging.words(bots.map { ($0.bot, $0.isChanged == true ? $0.drags : nil) }, again: false) {
        self.dialogue.say(words)
      }
      return try self.report(bots, wish, check, isDry: isDry)
    }
  }

  private func stop(
    _ shares: [HostShare],
    _ wish: StopWish,
    _ settle: Int,
    _ run: Run,
    turn: Int? = nil,
    _ unwritten: @escaping @Sendable (HostShare) -> Void
  ) async -> [BotStatus] {
    let seen = await shares.concurrentMap(limit: fanOut) { share -> [BotStatus] in
      do throws(CallFailure) {
        let change = StopBots(
          host: share.host.hostAddress,
          bots: share.bots,
          runtime: try self.runtime(of: share.host),
          mode: wish.mode,
          grace: max(0, Int(wish.grace.seconds.rounded(.up))),
          reason: wish.reason,
          settle: settle,
          turn: turn
        )
        do throws(CallFailure) {
          return try await run.perform(change) ?? []
        } catch {
          guard let found = await self.foundAfter(error, change, in: run) else { throw error }
          return found
        }
      } catch {
        if error.isOfJournal, run.world.mode == .live {
          unwritten(share)
          return []
        }
        return share.bots.map { .after(error, $0, host: share.host.name) }
      }
    }
    return seen.flatMap { $0 }
  }

  private func report(
    _ bots: [BotStatus],
    _ wish: StopWish,
    _ check: Bool?,
    isDry: Bool
  ) throws(CallFailure) -> [BotStatus] {
    // A stop counts without its mark, a latch does not: whoever comes next starts the bot.
    let done = bots.filter { bot in
      !bot.isUnseen && (wish.mode == .closeOnly || !bot.isRunning)
        && (wish.mode == .stop || wish.mode.isMet(by: bot.mark))
    }
    dialogue.say(summary(of: bots, done: done.count, wish, isDry: isDry))
    for bot in bots where !done.contains(bot) {
      dialogue.say("  \(bot.bot) on \(bot.host): \(bot.state)\(bot.note.isEmpty ? "" : ": \(bot.note)")")
    }
    for bot in done where !isDry && bot.isRemarkable { dialogue.say("  \(bot.bot) on \(bot.host): \(bot.note)") }
    dialogue.shown(bots.value)
    guard !isDry else { return bots }
    let parts = bots.filter { !done.contains($0) }.map { PartialChange.Part($0) }
    try PartialChange(primitive: "fleet.stop", count: bots.count, parts: parts, check: check).settle(dialogue)
    return bots
  }

  /// The same count in a dry run and in the real one: the bots that it stops, of all that were named.
  private func summary(of bots: [BotStatus], done: Int, _ wish: StopWish, isDry: Bool) -> String {
    let changed = bots.count { $0.isChanged == true && !$0.isRunning }
    let suffix = isDry ? " (dry run: nothing was changed)" : ""
    if wish.mode == .closeOnly {
      return "\(isDry ? "would set" : "set") close_only for \(done) of \(bots.count.counted("bot"))\(suffix)"
    }
    let idle = bots.count { $0.isChanged != true && !$0.isRunning && !$0.isUnseen }
    let rest = idle == 0 ? "" : "; \(idle) \(idle == 1 ? "was" : "were") not running"
    return "\(isDry ? "would stop" : "stopped") \(changed) of \(bots.count.counted("bot"))\(rest)\(suffix)"
  }

  /// Has the count typed for more than one host, and for one bot that is to be latched for good.
  private func confirm(_ wish: StopWish, _ shares: [HostShare]) async throws(CallFailure) {
    guard !wish.isOnPurpose, shares.count > 1 || wish.mode == .haltAll else { return }
    let bots = shares.reduce(0) { $0 + $1.bots.count }
    let what = "\(bots.counted("bot")) on \(shares.count.counted("host"))"
    var confirmation = Confirmation(
      "Stop \(what), \(NameSet(names: shares.map(\.host.name)).folded)?",
      hosts: shares.count
    )
    if wish.mode == .haltAll, wish.reason.isEmpty, options.reason == nil {
      confirmation.yesRefusal = CallFailure(
        .refused,
        code: "plan.reason_missing",
        message: "fleet.stop with mode=\"halt_all\" and --yes needs a reason",
        hint: "give --reason TEXT (or reason=)"
      )
    }
    confirmation.unattended = CallFailure(
      .refused,
      code: "prompt.not_interactive",
      message: "fleet.stop would stop \(what); no terminal to ask at",
      hint: wish.mode == .haltAll ? "pass --yes and --reason TEXT" : "add now=true, or run `opsh stop SELECTOR`"
    )
    _ = try await admission.confirm(confirmation)
  }
}

extension BotStatus {
  /// Whether the note says more than that somebody stopped it.
  fileprivate var isRemarkable: Bool {
    note.hasPrefix(BotSwap.killedNote) || note.contains("its mark ") || note.contains("it keeps running")
      || note.contains("had crashed")
  }
}

import PrimitiveKit

extension Subcommand {
  /// `opsh stop`: typed on purpose, so nobody is asked unless it latches for good.
  static var stop: Subcommand {
    Subcommand(
      "stop",
      "stops bots at once, without asking; needs no journal, no lock and no readable site file",
      CommandArgument<[String]>.words("SELECTOR", "bots, for example bot1, @production or '*'", completion: .selectors),
      CommandArgument<Duration?>.option(
        "grace",
        "TIME",
        default: nil,
        "how long a bot gets to stop on its own (default 35s)"
      ),
      CommandArgument<StopMode>.option(
        "mode",
        "MODE",
        default: .stop,
        "stop, or a latch that a start does not lift: close_only, halt_all"
      ),
      exits: [
        CommandExit(.ok, "every bot is stopped"),
        CommandExit(.failuresWithinBudget, "some are still running, or their host was not reached"),
        CommandExit(.unknownOutcomes, "some outcomes are unknown"), CommandExit(.dataInvalid, "no such bot"),
      ],
      examples: [
        Example("opsh stop bot1 --reason 'wrong prices'", "one bot"),
        Example("opsh stop '*'", "the whole fleet"),
        Example("opsh stop @production --grace 5s", "killed after 5 s"),
        Example("opsh stop @production --dry-run", "shows what it would stop"),
      ],
      // `--yes` is what a latch for good asks for; elsewhere it must not keep a stop from happening.
      shares: [.dryRun, .yes, .reason],
      site: .lastReading
    ) { call, selectors, grace, mode async throws(CallFailure) in
      var wish = StopWish()
      wish.reason = call.surroundings.options.reason ?? ""
      wish.mode = mode
      // A latch outlasts the call that set it.
      wish.isOnPurpose = mode != .haltAll
      if let grace { wish.grace = grace }
      let on = BotSelector(stringLiteral: selectors.joined(separator: ","))
      return [try await Fleet(call.surroundings).stop(on, wish, dry: call.isDryRun).value]
    }
  }
}

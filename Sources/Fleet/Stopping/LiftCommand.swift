import PrimitiveKit

extension Subcommand {
  /// `opsh lift`: what was stopped for good may start again.
  static var lift: Subcommand {
    Subcommand(
      "lift",
      "lifts latches and other stop marks; starts nothing",
      CommandArgument<[String]>.words("SELECTOR", "bots, for example bot1 or @production", completion: .selectors),
      exits: [
        CommandExit(.ok, "lifted, or nothing to lift"), CommandExit(.failuresWithinBudget, "some were not lifted"),
        CommandExit(.lockRefused, "refused, or no reason given"), CommandExit(.dataInvalid, "no such bot"),
      ],
      examples: [
        Example("opsh lift bot1 --reason 'prices are right again'", "one bot"),
        Example("opsh lift @production --dry-run", "shows which marks it would lift"),
      ],
      shares: [.dryRun, .yes, .reason]
    ) { call, selectors async throws(CallFailure) in
      let on = BotSelector(stringLiteral: selectors.joined(separator: ","))
      return [try await Fleet(call.surroundings).lift(on, reason: "", dry: call.isDryRun).value]
    }
  }
}

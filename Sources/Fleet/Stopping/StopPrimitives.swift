package import PrimitiveKit

extension Fleet {
  /// Stopping: primitives whose operations go through the stop lane.
  var stopPrimitives: [Primitive] {
    [
      Primitive(
        "fleet.stop",
        "Stops bots: marks them on their hosts, asks them to exit, kills them after the grace, checks they are gone.",
        effect: .changes,
        Parameter<BotSelector>("on", "Which bots"),
        Parameter<Duration>("grace", default: .seconds(35), "How long a bot gets to stop on its own"),
        Parameter<String>("reason", default: "", "Why; stored in the stop mark"),
        Parameter<StopMode>(
          "mode",
          default: .stop,
          "stop, or a latch that a start does not clear: close_only, halt_all"
        ),
        Parameter<Bool>("now", default: false, "Do not ask, however many hosts"),
        Parameter<Bool?>("check", default: nil, Fleet.checkHelp),
        Parameter<Bool>("dry_run", default: false, "Show what would be stopped; stop nothing"),
        returns: "One record per bot, read back afterwards",
        examples: [
          Example(#"fleet.stop<on="bot1">"#, "one bot"),
          Example(#"fleet.stop{ on = "*", now = true }"#, "the whole fleet, without asking"),
        ],
        topics: ["service", "kill", "emergency", "halt"]
      ) { on, grace, reason, mode, now, check, dry async throws(CallFailure) in
        var wish = StopWish()
        (wish.grace, wish.reason, wish.mode) = (grace, reason.isEmpty ? self.options.reason ?? "" : reason, mode)
        // A latch outlasts the call that set it, so `now` alone is not enough.
        wish.isOnPurpose = now && mode != .haltAll
        return try await self.stop(on, wish, check: check, dry: dry)
      },

      Primitive(
        "fleet.lift",
        "Lifts latches and other stop marks so that bots can be started again; starts nothing.",
        effect: .administers,
        Parameter<BotSelector>("on", "Which bots"),
        Parameter<String>("reason", default: "", "Why they may trade again; required here or as --reason"),
        Parameter<Bool?>("check", default: nil, Fleet.checkHelp),
        Parameter<Bool>("dry_run", default: false, "Show what would be lifted; lift nothing"),
        returns: "One record per bot: lifted, or unchanged if it had no mark",
        examples: [
          Example(#"fleet.lift<on="bot1", reason="prices are right again">"#, "after fleet.stop with halt_all")
        ],
        topics: ["latch", "halt", "resume", "mark", "unlock"]
      ) { on, reason, check, dry async throws(CallFailure) in
        try await self.lift(on, reason: reason, check: check, dry: dry)
      },

      Primitive(
        "fleet.abort",
        "Ends commands of fleet.exec that are still running on hosts: asks, waits for the grace, then kills.",
        effect: .changes,
        Parameter<HostSelector>("on", "Which hosts"),
        Parameter<String>("run", "The run that started them; a unique part of its id is enough"),
        Parameter<Duration>("grace", default: .seconds(10), "How long a command gets to end on its own"),
        Parameter<Bool?>("check", default: nil, Fleet.checkHelp),
        Parameter<Bool>("dry_run", default: false, "Show what would be ended; end nothing"),
        returns: "One record per host: stopped, unchanged if nothing ran, or unreachable",
        examples: [
          Example(#"fleet.abort<on="web001", run="20261121-114502-6ca32b16">"#, "what a run left running on one host")
        ],
        topics: ["exec", "kill", "cancel", "timeout"]
      ) { on, run, grace, check, dry async throws(CallFailure) in
        try await self.abort(on, run: run, grace: grace, check: check, dry: dry)
      },
    ]
  }
}

extension StopMode: ValueConvertible {
  package static var luaType: String { "string" }
  package static var completion: Completion { .choices(allCases.map(\.rawValue)) }

  package init(_ value: Value) throws(ConversionError) {
    guard case .string(let text) = value, let mode = StopMode(rawValue: text) else {
      throw ConversionError(expected: "stop, close_only or halt_all", found: value)
    }
    self = mode
  }

  package var value: Value { .string(rawValue) }
}

import Journal
import PrimitiveKit
import Runs

/// What an operator knows better than the journal: the outcome of changes whose outcome is unknown.
struct OutcomePrimitives: Sendable {
  let setting: RunSetting

  var all: [Primitive] {
    [
      Primitive(
        "unresolved",
        "Lists changes whose outcome is unknown.",
        effect: .reads,
        Parameter<String?>("run", default: nil, "Only of this run"),
        returns: "One record per change",
        examples: [Example("unresolved()", "of every run")],
        topics: ["unknown", "outcome"]
      ) { run async throws(CallFailure) in
        let journal = try await setting.registry.open().journal
        var id: String?
        if let run { id = try await journal.run(run).id }
        return try await journal.unresolved(run: id).map(UnresolvedEntry.init)
      },

      Primitive(
        "resolve",
        "Records the outcome of a change opsh could not determine.",
        effect: .administers,
        Parameter<String>("run", "The run"),
        Parameter<String>("target", "The host or other target, as `unresolved()` shows it"),
        Parameter<String>("verdict", "Whether it happened", completion: .choices(["done", "not done"])),
        Parameter<String>("reason", "How you know"),
        returns: "The number of changes resolved",
        examples: [],
        topics: ["unknown", "outcome"]
      ) { run, target, verdict, reason async throws(CallFailure) in
        guard verdict == "done" || verdict == "not done" else {
          throw CallFailure(
            .invalid,
            code: "call.argument",
            message: "resolve: 'verdict' should be \"done\" or \"not done\", got \(Value.string(verdict).literal)"
          )
        }
        try GivenReason.require(reason, of: "resolve", advice: "say how you know, for example \"looked at its log\"")
        let registry = try await setting.registry.open()
        let journal = registry.journal
        let id = try await journal.run(run).id
        // What ended and left a part in doubt is among it: a rollback waits for a word on that, too.
        let ended = try await journal.operations(of: id, withTexts: true).filter { row in
          row.state == .done && (row.outcome.map { registry.coding.leftInDoubt(row.stored, outcome: $0) } ?? false)
        }
        let rows = (try await journal.unresolved(run: id) + ended).filter {
          "\($0.target)" == target || $0.target.subject == target || $0.target.name == target
        }
        guard !rows.isEmpty else {
          throw CallFailure(
            .refused,
            code: "run.nothing_unknown",
            message: "run \(id) has no change with an unknown outcome on '\(target)'",
            hint: "see them with `unresolved(\"\(id)\")`"
          )
        }
        let count = rows.count.counted("change")
        if try await setting.isDry("resolve \(count) of run \(id)") { return rows.count }
        for row in rows {
          try await journal.resolve(
            run: id,
            key: row.key,
            isDone: verdict == "done",
            reason: reason,
            isInDoubt: row.state == .done
          )
        }
        setting.dialogue.say("recorded as \(verdict): \(count) on \(target) of run \(id)")
        setting.dialogue.shown(.int(rows.count))
        return rows.count
      },
    ]
  }
}

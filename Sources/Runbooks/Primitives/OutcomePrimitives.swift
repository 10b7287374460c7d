import Journal
import PrimitiveKit

extension RunbookDesk {
  /// What an operator knows better than the journal: unknown outcomes, open questions, bad releases.
  var outcomePrimitives: [Primitive] {
    [
      Primitive(
        "unresolved",
        "Lists changes of which nobody knows whether they happened.",
        effect: .reads,
        Parameter<String?>("run", default: nil, "Only of this run"),
        returns: "One record a change",
        examples: [Example("unresolved()", "of every run")],
        topics: ["unknown", "outcome"]
      ) { run async throws(CallFailure) in
        let journal = try await self.require().registry().journal
        var id: String?
        if let run { id = try await journal.run(run).id }
        return try await journal.unresolved(run: id).map(UnresolvedEntry.init)
      },

      Primitive(
        "resolve",
        "Says what became of a change whose outcome is unknown.",
        effect: .administers,
        Parameter<String>("run", "The run"),
        Parameter<String>("target", "The host or target as `unresolved()` shows it"),
        Parameter<String>("verdict", "What became of it", completion: .choices(["done", "not done"])),
        Parameter<String>("reason", "How you know"),
        returns: "How many changes were resolved",
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
        let journal = try await self.require().registry().journal
        let id = try await journal.run(run).id
        let rows = try await journal.unresolved(run: id).filter {
          "\($0.target)" == target || $0.target.subject == target || $0.target.name == target
        }
        guard !rows.isEmpty else {
          throw CallFailure(
            .refused,
            code: "run.nothing_unknown",
            message: "run \(id) has no change of unknown outcome on '\(target)'",
            hint: "`unresolved(\"\(id)\")` lists them"
          )
        }
        if try await self.isDry("resolve \(rows.count) changes of run \(id)") { return rows.count }
        for row in rows {
          try await journal.resolve(run: id, key: row.key, isDone: verdict == "done", reason: reason)
        }
        return rows.count
      },

      Primitive(
        "questions",
        "Lists questions that runs wait for.",
        effect: .reads,
        returns: "One record a question",
        examples: [Example("questions()", "of your runs, in whatever session they are")],
        topics: ["answer", "confirm"]
      ) { () async throws(CallFailure) in
        let journal = try await self.require().registry().journal
        let rows = try await journal.openQuestions(operatorName: journal.identity.operatorName)
        return rows.map(QuestionEntry.init)
      },

      Primitive(
        "answer",
        "Answers a question of a run that waits in another session.",
        effect: .changes,
        Parameter<String>("run", "The run"),
        Parameter<String>("text", "The answer"),
        Parameter<String?>("id", default: nil, "Which question, when it asks several"),
        returns: "The question that was answered",
        examples: [],
        topics: ["question", "confirm"]
      ) { run, text, id async throws(CallFailure) in
        let journal = try await self.require().registry().journal
        let name = journal.identity.operatorName
        let header = try await journal.run(run)
        let open = try await journal.openQuestions(operatorName: name).filter {
          $0.run == header.id && (id == nil || $0.question.id == id)
        }
        guard let question = open.first, open.count == 1 else {
          throw CallFailure(
            .refused,
            code: "run.no_question",
            message: open.isEmpty
              ? "run \(header.id) of \(header.identity.operatorName) waits for no answer of yours"
              : "run \(header.id) asks \(open.count) questions",
            hint: "`questions()` lists them with their ids"
          )
        }
        guard question.question.choices.isEmpty || question.question.choices.contains(text) else {
          throw CallFailure(
            .invalid,
            code: "call.argument",
            message: "answer: '\(text)' is none of \(question.question.choices.joined(separator: ", "))"
          )
        }
        if try await self.isDry("answer '\(text)'") { return question.question.text }
        try await journal.answer(run: header.id, id: question.question.id, text: text, by: name)
        return question.question.text
      },

      Primitive(
        "releases.bad",
        "Lists releases that were rolled back and are not offered again.",
        effect: .reads,
        returns: "One record a release",
        examples: [Example("releases.bad()", "what must not be deployed")],
        topics: ["image", "rollback"]
      ) { () async throws(CallFailure) in
        try await self.require().registry().journal.badReleases().map(BadReleaseEntry.init)
      },

      Primitive(
        "releases.mark",
        "Marks a release bad, so that it is not offered again.",
        effect: .changes,
        Parameter<String>("digest", "sha256:…"),
        Parameter<String>("image", default: "", "Its name"),
        Parameter<String>("reason", "Why"),
        returns: "nothing",
        examples: [],
        topics: ["image", "rollback", "bad"]
      ) { digest, image, reason async throws(CallFailure) in
        try GivenReason.require(reason, of: "releases.mark", advice: "say what is wrong with it")
        let run = CallContext.current.run
        let engine = try self.require()
        let words = "mark \(image.isEmpty ? digest : image) bad: \(reason)"
        if let run, run.world.mode == .dry {
          await run.describe(words)
          return Value.null
        }
        if CallContext.current.isDryRun || engine.setting.options.isDryRun {
          engine.dialogue.say("would \(words)")
          return Value.null
        }
        let journal = try await engine.registry().journal
        try await journal.markBad(digest: digest, image: image, run: run?.id ?? "", reason: reason)
        return Value.null
      },

      Primitive(
        "releases.clear",
        "Lets a release be deployed again that was marked bad.",
        effect: .administers,
        Parameter<String>("digest", "sha256:…"),
        Parameter<String>("reason", "Why it is good after all"),
        returns: "nothing",
        examples: [],
        topics: ["image", "rollback"]
      ) { digest, reason async throws(CallFailure) in
        try GivenReason.require(reason, of: "releases.clear", advice: "say why it is good after all")
        if try await self.isDry("offer \(digest) again") { return Value.null }
        try await self.require().registry().journal.clearBad(digest: digest, reason: reason)
        return Value.null
      },
    ]
  }
}

/// A question that a run waits for.
struct QuestionEntry: Record, Sendable {
  let row: QuestionRow

  static var luaType: String { "run.Question" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("run", "string", "Who asks"),
      FieldInfo("text", "string", "What"),
      FieldInfo("choices", "string", "What may be answered"),
      FieldInfo("asked", "string", "UTC"),
      FieldInfo("id", "string", "Names it within the run"),
    ]
  }

  var value: Value {
    .table([
      "run": row.run.value, "text": row.question.text.value,
      "choices": row.question.choices.joined(separator: " / ").value, "asked": Instant.text(row.askedAt).value,
      "id": row.question.id.value,
    ])
  }
}

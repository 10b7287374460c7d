import Foundations
import Journal
import PrimitiveKit
import Runs

/// Questions that runs wait for, in whatever session they are.
struct QuestionPrimitives: Sendable {
  let setting: RunSetting

  var all: [Primitive] {
    [
      Primitive(
        "questions",
        "Lists questions that runs are waiting on.",
        effect: .reads,
        returns: "One record per question",
        examples: [Example("questions()", "of your runs, in any session")],
        topics: ["answer", "confirm"]
      ) { () async throws(CallFailure) in
        let journal = try await setting.registry.open().journal
        let rows = try await journal.openQuestions(operatorName: journal.identity.operatorName)
        return rows.map(QuestionEntry.init)
      },

      Primitive(
        "answer",
        "Answers a question of a run waiting in another session.",
        effect: .changes,
        Parameter<String>("run", "The run"),
        Parameter<String>("text", "The answer"),
        Parameter<String?>("id", default: nil, "Which question, if the run has several"),
        returns: "The answered question",
        examples: [],
        topics: ["question", "confirm"]
      ) { run, text, id async throws(CallFailure) in
        let journal = try await setting.registry.open().journal
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
              ? "run \(header.id) of \(header.identity.operatorName) is not waiting for an answer from you"
              : "run \(header.id) asks \(open.count) questions",
            hint: "see them with their ids in `questions()`"
          )
        }
        guard question.question.choices.isEmpty || question.question.choices.contains(text) else {
          throw CallFailure(
            .invalid,
            code: "call.argument",
            message: "answer: '\(text)' is not one of \(question.question.choices.joined(separator: ", "))"
          )
        }
        if try await setting.isDry("answer '\(text)'") { return question.question.text }
        try await journal.answer(run: header.id, id: question.question.id, text: text, by: name)
        return question.question.text
      },
    ]
  }
}

/// A question that a run waits for.
struct QuestionEntry: Record, Sendable {
  let row: QuestionRow

  static var luaType: String { "run.Question" }
  static let columns: [Column<Self>] = [
    Column(\.row.run, "run", "The run that asks"),
    Column(\.row.question.text, "text", "What"),
    Column("choices", "Possible answers") { $0.row.question.choices.joined(separator: " / ") },
    Column(time: "asked", "When") { $0.row.askedAt },
    Column(\.row.question.id, "id", "Its name within the run"),
  ]

}

import Foundations
package import PrimitiveKit

extension Journal {
  /// Asks; asked again, an earlier answer is void.
  ///
  /// Throws `journal.*`, and `run.taken` when another process has taken the run up.
  package func ask(run: String, step: String, question: Question) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      try await change.ownership.requireOwn(run)
      try await change.ask(run: run, step: step, question)
    }
  }

  /// Records a question that was asked and answered before its run was: the confirmation of a plan.
  package func keep(_ asked: AnsweredQuestion, run: String) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in try await change.keep(asked, run: run) }
  }

  /// Answers a question once, from any session.
  ///
  /// Throws `question.not_found`, `question.answered` with who was first, `question.choice` and `journal.*`.
  package func answer(run: String, id: String, text: String, by name: String) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      // One statement decides who is first; the look after it says what the others hear.
      let rows = try await change.query(
        """
        UPDATE questions SET answer = $3, answered_by = $4, answered_at = $5
        WHERE run = $1 AND id = $2 AND answer IS NULL RETURNING \(QuestionRow.columns)
        """,
        [.text(run), .text(id), .text(text), .text(name), .int(change.at)]
      )
      guard let row = rows.first else {
        throw try await Journal.refusal(of: id, run: run, change.session)
      }
      let choices = try QuestionRow(row).question.choices
      if !choices.isEmpty, !choices.contains(text) {
        throw CallFailure(
          .invalid,
          code: "question.choice",
          message: "'\(text)' is not an answer to '\(id)'",
          hint: NearestName.question(for: text, in: choices) ?? "answer \(choices.joined(separator: ", "))"
        )
      }
      try await change.audit(
        "question.answer",
        run: run,
        ["question": .string(id), "answer": .string(text), "by": .string(name)]
      )
    }
  }

  /// A question by its name; nil when it was never asked.
  package func question(run: String, id: String) async throws(CallFailure) -> QuestionRow? {
    try await questions("WHERE run = $1 AND id = $2", [.text(run), .text(id)]).first
  }

  /// The questions that runs under way wait for, the oldest first; of everybody when no operator is named.
  package func openQuestions(operatorName: String?) async throws(CallFailure) -> [QuestionRow] {
    let open = "WHERE answer IS NULL AND run IN (SELECT id FROM runs WHERE state = 'running'"
    if let operatorName {
      return try await questions("\(open) AND operator_name = $1) ORDER BY begun", [.text(operatorName)])
    }
    return try await questions("\(open)) ORDER BY begun", [])
  }

  private func questions(_ condition: String, _ arguments: [DatabaseValue]) async throws(CallFailure) -> [QuestionRow] {
    try await look { (session) throws(CallFailure) in
      var found: [QuestionRow] = []
      for row in try await session.query("SELECT \(QuestionRow.columns) FROM questions \(condition)", arguments) {
        found.append(try QuestionRow(row))
      }
      return found
    }
  }

  private static func refusal(
    of id: String,
    run: String,
    _ session: any DatabaseSession
  ) async throws(CallFailure) -> CallFailure {
    let rows = try await session.query(
      "SELECT \(QuestionRow.columns) FROM questions WHERE run = $1 AND id = $2",
      [.text(run), .text(id)]
    )
    guard let row = rows.first else {
      return CallFailure(.invalid, code: "question.not_found", message: "run \(run) has no question '\(id)'")
    }
    let question = try QuestionRow(row)
    return CallFailure(
      .refused,
      .answered,
      code: "question.answered",
      message: "'\(id)' was answered '\(question.answer ?? "")' by \(question.answeredBy ?? "somebody")"
    )
  }
}

extension QuestionRow {
  fileprivate static let columns = """
    run, id, step, words, choices, evidence, asked_at, answer, answered_by, answered_at
    """

  fileprivate init(_ row: [DatabaseValue]) throws(CallFailure) {
    var reader = RowReader(row, of: "questions")
    run = try reader.text()
    let id = try reader.text()
    step = try reader.text()
    question = Question(
      id: id,
      text: try reader.text(),
      choices: try reader.json([String].self),
      evidence: try reader.text()
    )
    askedAt = try reader.int()
    answer = reader.optionalText()
    answeredBy = reader.optionalText()
    answeredAt = reader.optionalInt()
  }
}

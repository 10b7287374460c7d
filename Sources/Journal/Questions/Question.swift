/// Something a run asks its operator.
package struct Question: Sendable, Equatable {
  /// A stable name within the run.
  package var id: String
  package var text: String
  /// What may be answered; empty takes any text.
  package var choices: [String]
  /// What the operator should know to answer.
  package var evidence: String

  package init(id: String, text: String, choices: [String] = [], evidence: String = "") {
    self.id = id
    self.text = text
    self.choices = choices
    self.evidence = evidence
  }
}

/// A question that was answered before there was a run to write it down for.
package struct AnsweredQuestion: Sendable, Equatable {
  package let question: Question
  package let answer: String
  /// The operator's name, or `--yes`.
  package let answeredBy: String

  package init(_ question: Question, answer: String, by answeredBy: String) {
    self.question = question
    self.answer = answer
    self.answeredBy = answeredBy
  }
}

/// A question of a run and its answer, when there is one; times are milliseconds since 1970.
package struct QuestionRow: Sendable, Equatable {
  package let run: String
  /// The path of the step that asks; empty outside steps.
  package let step: String
  package let question: Question
  package let askedAt: Int64
  package let answer: String?
  package let answeredBy: String?
  package let answeredAt: Int64?
}

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

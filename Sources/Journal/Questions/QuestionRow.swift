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

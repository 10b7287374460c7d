package import Foundation
import PrimitiveKit

extension RunNotice {
  /// The notice of a question that nobody answers.
  package init(_ question: QuestionNotice, site: String, at time: Date) {
    self.init(
      event: "question.unanswered",
      site: site,
      run: question.run,
      at: time,
      fields: [
        "question": .string(question.text),
        "choices": .array(question.choices.map { .string($0) }),
        "waited": .int(question.waiting),
      ]
    )
  }
}

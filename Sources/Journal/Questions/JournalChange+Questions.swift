import Foundations
import PrimitiveKit

extension JournalChange {
  /// Asks; asked again, an earlier answer is void.
  func ask(run: String, step: String, _ question: Question) async throws(CallFailure) {
    let choices = JSONText.list(question.choices.map { .string($0) })
    let begun = try await audit(
      "question.ask",
      run: run,
      [
        "question": .string(question.id), "step": .string(step), "text": .string(question.text), "choices": choices,
        "evidence": .string(question.evidence),
      ]
    )
    try await query(
      """
      INSERT INTO questions(run, id, step, begun, words, choices, evidence, asked_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      ON CONFLICT (run, id) DO UPDATE SET step = excluded.step, begun = excluded.begun, words = excluded.words,
        choices = excluded.choices, evidence = excluded.evidence, asked_at = excluded.asked_at, answer = NULL,
        answered_by = NULL, answered_at = NULL
      """,
      [
        .text(run), .text(question.id), .text(step), .int(begun), .text(question.text), .text(choices.text),
        .text(question.evidence), .int(at),
      ]
    )
  }

  /// Records a question together with its answer.
  func keep(_ asked: AnsweredQuestion, run: String) async throws(CallFailure) {
    try await ask(run: run, step: "", asked.question)
    try await query(
      "UPDATE questions SET answer = $3, answered_by = $4, answered_at = $5 WHERE run = $1 AND id = $2",
      [.text(run), .text(asked.question.id), .text(asked.answer), .text(asked.answeredBy), .int(at)]
    )
    try await audit(
      "question.answer",
      run: run,
      [
        "question": .string(asked.question.id), "answer": .string(asked.answer), "by": .string(asked.answeredBy),
      ]
    )
  }
}

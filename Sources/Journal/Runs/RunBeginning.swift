/// What is recorded together with a new run: a crash leaves all of it, or no run.
package struct RunBeginning: Sendable {
  /// Answers that a resumed run must get again, as JSON by key.
  package var kept: [String: String]
  /// Steps of another run that count as its own.
  package var steps: [StepRow]

  /// The id of the plan file that it performs, which nobody may carry out again; nil without one.
  package var planFile: String?
  /// How it was confirmed; nil where nobody had to.
  package var confirmation: AnsweredQuestion?

  package init(kept: [String: String] = [:], steps: [StepRow] = [], confirmation: AnsweredQuestion? = nil) {
    self.kept = kept
    self.steps = steps
    self.confirmation = confirmation
  }
}

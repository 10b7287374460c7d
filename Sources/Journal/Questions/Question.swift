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

/// What is run.
package enum RunKind: String, Sendable, Codable, CaseIterable {
  case runbook
  /// One primitive, called at the prompt or in a script.
  case call
  case script
  case rollback
  /// A run for practice.
  case drill
}

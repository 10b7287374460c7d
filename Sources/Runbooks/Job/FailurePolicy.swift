/// What happens when a step fails and nobody is asked.
package enum FailurePolicy: String, Sendable, Codable, CaseIterable {
  /// The run ends; it can be resumed.
  case stop
  /// The run ends and what it did is undone.
  case rollback
  /// The step is left out and the run continues.
  case skip
}

/// What an operator decides about a failed step.
enum FailureDecision: String, Sendable, CaseIterable {
  case retry
  case skip
  case exclude
  case abort
  case rollback = "roll back"
}

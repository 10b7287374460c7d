/// What happens in batch, where nobody can be asked.
package struct RunbookPolicy: Sendable, Equatable {
  /// What follows a step that failed.
  package enum Failure: String, Sendable, CaseIterable {
    /// The run ends and can be resumed.
    case stop
    /// What was done is undone.
    case rollback
    /// The step is passed over.
    case skip
  }

  package internal(set) var onFailure = Failure.stop
  /// How often a step that failed is tried again before that.
  package internal(set) var retries = 0
}

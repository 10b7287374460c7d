/// Where a run stands.
package enum RunState: String, Sendable, Codable, CaseIterable {
  case running
  case ok
  case failed
  /// A budget or a gate stopped it.
  case halted
  /// It can be resumed: a signal ended it, or its process is gone.
  case interrupted
  /// The operator let go of it; hosts went on.
  case detached
  /// Nobody can say whether some of its operations happened.
  case unknown
  case rolledBack = "rolled_back"
  case rollbackFailed = "rollback_failed"
  /// Nothing was begun.
  case cancelled
}

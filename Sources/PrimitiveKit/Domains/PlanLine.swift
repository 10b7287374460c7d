/// Adds lines to any plan.
package protocol PlanLine: Sendable {
  /// What a plan should say besides its operations; empty for nothing.
  func lines(of changes: [OperationRecord], in surroundings: Surroundings) async -> [String]
}

/// Adds lines to the greeting of a session.
package protocol BannerLine: Sendable {
  func lines(in surroundings: Surroundings) async -> [String]
}

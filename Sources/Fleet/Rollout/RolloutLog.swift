import PrimitiveKit

/// Where a rollout writes down what its state rests on, so that another process can take it up.
struct RolloutLog: Sendable {
  /// What earlier processes wrote down, in order.
  let past: [RolloutEvent]
  /// Writes an event down, durably; nothing follows from the event before that.
  let keep: @Sendable (RolloutEvent) async throws(CallFailure) -> Void

  init(
    past: [RolloutEvent] = [],
    keep: @escaping @Sendable (RolloutEvent) async throws(CallFailure) -> Void = { _ throws(CallFailure) in }
  ) {
    self.past = past
    self.keep = keep
  }
}

/// Does the work that the driver orders: one item at a time, and the looks between waves.
package protocol RolloutWorker: Sendable {
  /// Changes one item and says how it ended; never throws, since every item ends in a class.
  ///
  /// When its task is cancelled it returns at once: the operator no longer watches, what runs on the item keeps running, and
  /// the item counts as unknown whatever is returned. Throws when nothing was done and nothing more may begin.
  func perform(_ item: String) async throws(NotBegun) -> ItemOutcome

  /// Finishes a item that an earlier process may have begun; throws when it had not.
  func takeUp(_ item: String) async throws(NotBegun) -> ItemOutcome

  /// Hears of a item that an earlier process finished.
  func recall(_ item: String) async

  /// Looks at the items changed so far; nothing is in flight. Returns at once when its task is cancelled.
  ///
  /// Throws when it cannot look and nothing more may begin: whoever takes the rollout up asks again.
  func gate(_ completed: [String]) async throws(NotBegun) -> GateVerdict
}

extension RolloutWorker {
  package func takeUp(_ item: String) async throws(NotBegun) -> ItemOutcome { try await perform(item) }
  package func recall(_ item: String) async {}
}

/// An item or a gate was not begun, and none may be: why.
package struct NotBegun: Error, Equatable {
  package let reason: String
  /// Whether an operator wants it so, who knows the reason.
  package let isWanted: Bool

  package init(_ reason: String, isWanted: Bool = false) {
    self.reason = reason
    self.isWanted = isWanted
  }
}

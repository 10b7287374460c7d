/// Does the work that the driver orders: one host at a time, and the looks between waves.
package protocol RolloutWorker: Sendable {
  /// Changes one host and says how it ended; never throws, since every host ends in a class.
  ///
  /// When its task is cancelled it returns at once: the operator no longer watches, what runs on the host goes on, and
  /// the host counts as unknown whatever is returned. Throws when nothing was done and nothing more may begin.
  func perform(_ host: String) async throws(NotBegun) -> HostOutcome

  /// Finishes a host that an earlier process may have begun; throws when it had not.
  func takeUp(_ host: String) async throws(NotBegun) -> HostOutcome

  /// Hears of a host that an earlier process finished.
  func recall(_ host: String) async

  /// Looks at the hosts changed so far; nothing is in flight. Returns at once when its task is cancelled.
  func gate(_ completed: [String]) async -> GateVerdict
}

extension RolloutWorker {
  package func takeUp(_ host: String) async throws(NotBegun) -> HostOutcome { try await perform(host) }
  package func recall(_ host: String) async {}
}

/// A host was not begun, and none may be: why.
package struct NotBegun: Error, Equatable {
  package let reason: String
  /// Whether an operator wants it so, who knows the reason.
  package let isWanted: Bool

  package init(_ reason: String, isWanted: Bool = false) {
    self.reason = reason
    self.isWanted = isWanted
  }
}

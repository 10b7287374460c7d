/// Does the work that the driver orders: one host at a time, and the looks between waves.
package protocol RolloutWorker: Sendable {
  /// Changes one host and says how it ended; never throws, since every host ends in a class.
  ///
  /// When its task is cancelled it returns at once: the operator no longer watches, what runs on the host goes on, and
  /// the host counts as unknown whatever is returned.
  func perform(_ host: String) async -> HostOutcome

  /// Looks at the hosts changed so far; nothing is in flight. Returns at once when its task is cancelled.
  func gate(_ completed: [String]) async -> GateVerdict
}

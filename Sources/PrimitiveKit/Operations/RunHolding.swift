/// What a run holds: without it nothing is changed.
package protocol RunHolding: Sendable {
  /// The epoch of the newest grant; nil where nothing is locked.
  var epoch: Int? { get }

  /// The time since the run's first grant; nil where nobody keeps locks.
  var age: Duration? { get }

  /// The epoch that these scopes are held under; of the run's first grant where one of them is not held.
  ///
  /// Never a newer one: who was replaced there must not pass for somebody else.
  func epoch(for scopes: [LockScope]) -> Int?

  /// Makes sure that these scopes are held, and answers the epoch that goes with them.
  ///
  /// What is not held is tried once, without waiting. Throws `lock.outside` when somebody else holds it, and `journal.*`.
  func hold(_ scopes: [LockScope], for summary: String) async throws(CallFailure) -> Int?
}

/// Holds nothing: for dry runs, and for walks through runs that are over.
package struct HoldsNothing: RunHolding {
  package init() {}

  package var epoch: Int? { nil }
  package var age: Duration? { nil }
  package func epoch(for scopes: [LockScope]) -> Int? { nil }

  package func hold(_ scopes: [LockScope], for summary: String) async throws(CallFailure) -> Int? {
    guard !scopes.isEmpty else { return nil }
    throw .outside(scopes, of: summary, why: "the run holds no lock")
  }
}

/// Takes everything as held: where nobody keeps locks, as without a journal.
package struct HoldsEverything: RunHolding {
  package let epoch: Int?

  package init(epoch: Int? = nil) { self.epoch = epoch }

  package var age: Duration? { nil }
  package func epoch(for scopes: [LockScope]) -> Int? { epoch }

  package func hold(_ scopes: [LockScope], for summary: String) async throws(CallFailure) -> Int? { epoch }
}

extension CallFailure {
  /// The failure of a change whose scopes the run does not hold: nothing was sent.
  package static func outside(_ scopes: [LockScope], of summary: String, why: String) -> CallFailure {
    CallFailure(
      .journal,
      code: "lock.outside",
      message: "not held: \(scopes.map(\.description).joined(separator: ", ")), needed to \(summary): \(why)",
      hint: "see who holds it with `locks()`, or add a `lock` to the runbook's header to take it before the run starts"
    )
  }
}

package import PrimitiveKit

/// Carries work to many targets with a window, budgets and gates: the rollout engine as runbooks see it.
package protocol RolloutRunner: Sendable {
  /// Carries out a rollout and says what became of every item.
  ///
  /// `perform` is called for at most the window's number of items at once; `gate` looks at the items done so far.
  func roll(
    _ request: RolloutRequest,
    perform: @escaping @Sendable (String) async -> ItemEnd,
    gate: (@Sendable ([String]) async -> GateEnd)?
  ) async -> RolloutEnd

  /// How many errors stop it and how many items a wholly bad change would hurt, for the plan.
  func words(_ request: RolloutRequest) -> String
}

/// What is rolled out, and how carefully.
package struct RolloutRequest: Sendable, Equatable, Codable {
  package var name: String
  /// Hosts or bots, by name, without duplicates.
  package var items: [String]
  /// Items in flight at once; nil is all.
  package var window: Int?
  /// Items that may fail: an absolute number.
  package var budget: Int
  /// Whether window and budget grow with successes.
  package var ramp: Bool
  /// Items between gates; nil runs none but the first.
  package var gateEvery: Int?
  /// The longest random wait before an item, in seconds.
  package var jitter: Int
  /// Decides the order.
  package var seed: UInt64
}

/// How the work on one item ended (DESIGN section 6, outcome classes).
package enum ItemEnd: Sendable, Equatable, Codable {
  case ok
  case failed(String)
  case unreachable(String)
  case unknown(String)
}

/// What a gate says.
package enum GateEnd: Sendable, Equatable, Codable {
  case pass
  case fail(String)
  case inconclusive(String)
}

/// What became of every item.
package struct RolloutEnd: Sendable, Equatable {
  package struct Item: Sendable, Equatable {
    package let name: String
    /// ok, failed, unreachable, unknown, unhealthy, skipped or excluded.
    package let outcome: String
    package let detail: String

    package init(name: String, outcome: String, detail: String) {
      self.name = name
      self.outcome = outcome
      self.detail = detail
    }
  }

  package var items: [Item]
  /// Why it stopped before its end, as the failure of whoever wanted all of it; nil when it did not.
  package var halt: CallFailure?

  package init(items: [Item], halt: CallFailure?) {
    self.items = items
    self.halt = halt
  }
}

import Synchronization

/// What the changes that a plan predicted so far would leave behind: the next prediction sees it instead of what is there.
///
/// A dry run has one. Each operation says what it leaves (`Operation.leave`) and what its prediction rests on; what a change
/// leaves that nobody can predict is lost, and a prediction that rests on it is unknown.
package final class PredictedWorld: Sendable {
  /// Something whose state changes leave: a whole target, or a part of it such as `bot bot1`.
  package struct Thing: Hashable, Sendable {
    package let kind: OperationTarget.Kind
    package let name: String
    /// Nil for the whole.
    package let part: String?

    package init(kind: OperationTarget.Kind, name: String, part: String? = nil) {
      self.kind = kind
      self.name = name
      self.part = part
    }

    /// What an operation acts on.
    package init(_ target: OperationTarget) { self.init(kind: target.kind, name: target.name, part: target.part) }

    package static func host(_ name: String, part: String? = nil) -> Thing {
      Thing(kind: .host, name: name, part: part)
    }

    fileprivate func overlaps(_ other: Thing) -> Bool {
      kind == other.kind && name == other.name && (part == nil || other.part == nil || part == other.part)
    }
  }

  private struct State {
    var facts: [Thing: any Sendable] = [:]
    /// Why it is not known.
    var lost: [(thing: Thing, why: String)] = []
  }

  private let state = Mutex(State())

  package init() {}

  /// What an earlier change would leave of a thing; nil where it is as it is found.
  package func fact<Fact: Sendable>(_ type: Fact.Type = Fact.self, of thing: Thing) -> Fact? {
    state.withLock { $0.facts[thing] as? Fact }
  }

  /// Notes what a change would leave of a thing.
  package func set(_ fact: some Sendable, of thing: Thing) { state.withLock { $0.facts[thing] = fact } }

  /// Notes that the state in which a change leaves a thing is unknown.
  package func lose(_ thing: Thing, why: String) { state.withLock { $0.lost.append((thing, why)) } }

  /// Why nobody can tell what state one of these things would be in; nil where it is known.
  package func loss(of things: [Thing]) -> String? {
    state.withLock { state in
      state.lost.first { lost in things.contains { $0.overlaps(lost.thing) } }?.why
    }
  }
}

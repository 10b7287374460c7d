import CLuaBridge
import PrimitiveKit
import Synchronization

/// The runs that have begun and not ended.
///
/// One task looks after the budgets of all of them: a task for each would cost more than most calls do.
final class ActiveRuns: Sendable {
  private struct State {
    var handles: [ObjectIdentifier: RunHandle] = [:]
    /// How long turns that are over kept the thread, by plugin; those of the operator have no name.
    var spent: [String: Duration] = [:]
    /// Whose turn it is, and since when; nil while nobody has the thread.
    var turn: (owner: String, since: ContinuousClock.Instant)?
    /// How long the code of others had kept the thread when a run began.
    var before: [ObjectIdentifier: Duration] = [:]
    /// When somebody looks next; nil when nobody has to.
    var look: ContinuousClock.Instant?

    /// How long each kept the thread, by plugin.
    var kept: [String: Duration] {
      guard let turn else { return spent }
      var kept = spent
      kept[turn.owner, default: .zero] += turn.since.duration(to: .now)
      return kept
    }

    /// How long the code of others kept the thread since a run began.
    func held(_ id: ObjectIdentifier, _ handle: RunHandle, _ kept: [String: Duration]) -> Duration {
      let others = kept.others(than: handle)
      return min(ActiveRuns.longestHold, others - (before[id] ?? others))
    }

    /// Whether an earlier look was asked for.
    mutating func bringForward(_ next: ContinuousClock.Instant?) -> Bool {
      guard let next, look.map({ next < $0 }) ?? true else { return false }
      look = next
      return true
    }
  }

  /// The longest that others may hold up one: whoever waits must learn some day that nothing comes.
  static let longestHold = Duration.seconds(30)

  private let state = Mutex(State())

  /// How long each plugin kept the thread; the operator's code has no name.
  var kept: [String: Duration] { state.withLock { $0.kept } }

  /// Lets a run have the thread until it waits or ends.
  func keeping<Answer>(
    _ handle: RunHandle,
    _ turn: () throws(CallFailure) -> Answer
  ) throws(CallFailure) -> Answer {
    let owner = handle.plugin ?? ""
    state.withLock { $0.turn = (owner, .now) }
    defer {
      state.withLock { state in
        if let turn = state.turn { state.spent[turn.owner, default: .zero] += turn.since.duration(to: .now) }
        state.turn = nil
      }
    }
    return try turn()
  }

  func insert(_ handle: RunHandle) {
    let next = handle.nextLook(.now, held: .zero)
    let isEarlier = state.withLock { state in
      state.before[ObjectIdentifier(handle)] = state.kept.others(than: handle)
      state.handles[ObjectIdentifier(handle)] = handle
      return state.bringForward(next)
    }
    if let next, isEarlier { Task { @concurrent in await look(at: next) } }
  }

  func remove(_ handle: RunHandle) {
    state.withLock { state in
      state.handles[ObjectIdentifier(handle)] = nil
      state.before[ObjectIdentifier(handle)] = nil
    }
  }

  var isEmpty: Bool { state.withLock { $0.handles.isEmpty } }

  func cancel() {
    for handle in state.withLock({ Array($0.handles.values) }) { handle.request(OPSH_CANCELLED) }
  }

  /// Looks at this moment and at those that follow from what is seen, until somebody else looks earlier.
  private func look(at first: ContinuousClock.Instant) async {
    var moment: ContinuousClock.Instant? = first
    while let next = moment {
      try? await Task.sleep(until: next, clock: .continuous)
      moment = state.withLock { state in
        guard state.look == next else { return nil }
        let now = ContinuousClock.now
        // A handle that is in the list has a run, and so an engine to wake.
        let kept = state.kept
        for (id, handle) in state.handles { handle.look(now, held: state.held(id, handle, kept)) }
        state.look = state.handles.compactMap { $1.nextLook(now, held: state.held($0, $1, kept)) }.min()
        return state.look
      }
    }
  }
}

extension [String: Duration] {
  /// What code of others than the owner of a run kept.
  fileprivate func others(than handle: RunHandle) -> Duration {
    reduce(.zero) { $1.key == handle.plugin ?? "" ? $0 : $0 + $1.value }
  }
}

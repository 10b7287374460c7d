import CLuaBridge
import Synchronization

/// The runs that have begun and not ended.
///
/// One task looks after the budgets of all of them: a task for each would cost more than most calls do.
final class ActiveRuns: Sendable {
  private struct State {
    var handles: [ObjectIdentifier: RunHandle] = [:]
    /// When somebody looks next; nil when nobody has to.
    var look: ContinuousClock.Instant?

    /// Whether an earlier look was asked for.
    mutating func bringForward(_ next: ContinuousClock.Instant?) -> Bool {
      guard let next, look.map({ next < $0 }) ?? true else { return false }
      look = next
      return true
    }
  }

  private let state = Mutex(State())

  func insert(_ handle: RunHandle) {
    let next = handle.nextLook(.now)
    let isEarlier = state.withLock { state in
      state.handles[ObjectIdentifier(handle)] = handle
      return state.bringForward(next)
    }
    if let next, isEarlier { Task { @concurrent in await look(at: next) } }
  }

  func remove(_ handle: RunHandle) { _ = state.withLock { $0.handles.removeValue(forKey: ObjectIdentifier(handle)) } }

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
        for handle in state.handles.values { handle.look(now) }
        state.look = state.handles.values.compactMap { $0.nextLook(now) }.min()
        return state.look
      }
    }
  }
}

import Synchronization

/// The Ctrl-C presses while something runs.
///
/// Cancelling a task says "stop" once; long work also wants to hear the second press ("let go").
package final class Interruptions: Sendable {
  private struct State {
    var count = 0
    var handlers: [Int: @Sendable (Int) -> Void] = [:]
    var nextKey = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// Counts one press and tells everybody who listens.
  package func press() {
    let (count, handlers) = state.withLock { state in
      state.count += 1
      return (state.count, Array(state.handlers.values))
    }
    for handler in handlers { handler(count) }
  }

  /// Forgets earlier presses, before the next chunk runs.
  package func reset() { state.withLock { $0.count = 0 } }

  /// Calls `handler` with the running count on every press, until the returned registration is released.
  package func listen(_ handler: @escaping @Sendable (Int) -> Void) -> Registration {
    let key = state.withLock { state in
      state.nextKey += 1
      state.handlers[state.nextKey] = handler
      return state.nextKey
    }
    return Registration { [weak self] in
      _ = self?.state.withLock { $0.handlers.removeValue(forKey: key) }
    }
  }

  /// Ends listening when it is released.
  package final class Registration: Sendable {
    private let end: @Sendable () -> Void
    init(_ end: @escaping @Sendable () -> Void) { self.end = end }
    deinit { end() }
  }
}

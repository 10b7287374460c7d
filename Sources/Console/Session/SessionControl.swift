import Synchronization

/// Carries the wish to leave from a primitive to whoever runs the session.
package final class SessionControl: Sendable {
  private struct State {
    var exitStatus: Int32?
    var stop: @Sendable () -> Void = {}
  }

  private let state = Mutex(State())

  package init() {}

  /// The exit status that `exit` asked for; nil while nobody wants to leave.
  package var exitStatus: Int32? { state.withLock { $0.exitStatus } }

  /// Sets what stops the script that asks to leave: its own `pcall` must not hold it back.
  package func onLeave(_ stop: @escaping @Sendable () -> Void) { state.withLock { $0.stop = stop } }

  func leave(_ status: Int32) {
    let stop = state.withLock { state in
      state.exitStatus = status
      return state.stop
    }
    stop()
  }
}

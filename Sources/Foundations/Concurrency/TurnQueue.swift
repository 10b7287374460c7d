import Synchronization

/// Lets one task at a time through, first come, first served: a mutex that may be held across an `await`.
///
/// Cancelling a task changes nothing here: who waits gets its turn and must end it.
package final class TurnQueue: Sendable {
  private struct State {
    var isBusy = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  package init() {}

  /// Waits for the turn; `leave` must follow.
  package func enter() async {
    if enterIfFree() { return }
    await withCheckedContinuation { turn in
      let isMine = state.withLock { state in
        if state.isBusy { state.waiting.append(turn) }
        defer { state.isBusy = true }
        return !state.isBusy
      }
      if isMine { turn.resume() }
    }
  }

  /// Gives the turn to whoever waits longest.
  package func leave() {
    // The door stays shut for everybody else while it is handed on.
    let next = state.withLock { state in
      if state.waiting.isEmpty {
        state.isBusy = false
        return nil as CheckedContinuation<Void, Never>?
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }

  private func enterIfFree() -> Bool {
    state.withLock { state in
      if state.isBusy { return false }
      state.isBusy = true
      return true
    }
  }
}

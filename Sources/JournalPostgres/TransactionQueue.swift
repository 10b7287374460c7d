import Synchronization

/// Lets one transaction at a time use a connection, first come, first served.
///
/// Cancelling a task changes nothing here: how an operation ended must be written down also in a task that was cancelled.
final class TransactionQueue: Sendable {
  private struct State {
    var isBusy = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Waits for the turn; `leave` must follow.
  func enter() async {
    await withCheckedContinuation { turn in
      let isMine = state.withLock { state in
        if state.isBusy { state.waiting.append(turn) }
        defer { state.isBusy = true }
        return !state.isBusy
      }
      if isMine { turn.resume() }
    }
  }

  /// Gives the turn to the next.
  func leave() {
    let next = state.withLock { state in
      if state.waiting.isEmpty {
        state.isBusy = false
        return nil as CheckedContinuation<Void, Never>?
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}

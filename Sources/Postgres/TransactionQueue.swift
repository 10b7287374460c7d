import PrimitiveKit
import Synchronization

/// Lets one transaction at a time use a connection, first come, first served.
final class TransactionQueue: Sendable {
  private struct State {
    var isBusy = false
    var lastTicket: UInt64 = 0
    var waiting: [(ticket: UInt64, turn: CheckedContinuation<Bool, Never>)] = []
    /// Cancelled before they began to wait.
    var cancelled: Set<UInt64> = []
  }

  private let state = Mutex(State())

  /// Waits for the turn; `leave` must follow.
  ///
  /// Throws `call.cancelled` when the task is cancelled before its turn.
  func enter() async throws(CallFailure) {
    let ticket = state.withLock { state in
      state.lastTicket += 1
      return state.lastTicket
    }
    let isMine = await withTaskCancellationHandler {
      await withCheckedContinuation { turn in
        let answer = begin(ticket, turn)
        if let answer { turn.resume(returning: answer) }
      }
    } onCancel: {
      cancel(ticket)
    }
    if !isMine { throw .cancelled }
  }

  /// Gives the turn to the next.
  func leave() {
    let next = state.withLock { state in
      if state.waiting.isEmpty {
        state.isBusy = false
        return nil as CheckedContinuation<Bool, Never>?
      }
      return state.waiting.removeFirst().turn
    }
    next?.resume(returning: true)
  }

  // The answer when there is nothing to wait for.
  private func begin(_ ticket: UInt64, _ turn: CheckedContinuation<Bool, Never>) -> Bool? {
    state.withLock { state in
      if state.cancelled.remove(ticket) != nil { return false }
      if !state.isBusy {
        state.isBusy = true
        return true
      }
      state.waiting.append((ticket, turn))
      return nil
    }
  }

  private func cancel(_ ticket: UInt64) {
    let turn = state.withLock { state in
      guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
        state.cancelled.insert(ticket)
        return nil as CheckedContinuation<Bool, Never>?
      }
      return state.waiting.remove(at: index).turn
    }
    turn?.resume(returning: false)
  }
}

import Synchronization

/// So many at once; the others wait their turn, first come, first served.
package final class Places: Sendable {
  /// One place, given back when it is let go.
  package final class Place: Sendable {
    private let places: Places

    fileprivate init(_ places: Places) { self.places = places }

    deinit { places.give() }
  }

  private struct State {
    var free: Int
    var lastID: UInt64 = 0
    var waiting: [(id: UInt64, turn: CheckedContinuation<Bool, Never>)] = []
    /// Who was cancelled before it waited.
    var cancelled: Set<UInt64> = []
  }

  private let state: Mutex<State>

  /// `count` is at least one.
  package init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

  /// Whether somebody waits.
  package var areWanted: Bool { state.withLock { !$0.waiting.isEmpty } }

  /// A place, where one is free and nobody waits for it.
  package func takeIfFree() -> Place? {
    let isTaken = state.withLock { state in
      guard state.free > 0 else { return false }
      state.free -= 1
      return true
    }
    return isTaken ? Place(self) : nil
  }

  /// Waits for a place; nil when the task is cancelled meanwhile.
  package func take() async -> Place? {
    if let place = takeIfFree() { return place }
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    let isTaken = await withTaskCancellationHandler {
      await withCheckedContinuation { turn in
        let answer: Bool? = state.withLock { state in
          if state.cancelled.remove(id) != nil { return false }
          if state.free > 0 {
            state.free -= 1
            return true
          }
          state.waiting.append((id, turn))
          return nil
        }
        if let answer { turn.resume(returning: answer) }
      }
    } onCancel: {
      let turn = state.withLock { state in
        guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil as CheckedContinuation<Bool, Never>?
        }
        return state.waiting.remove(at: index).turn
      }
      turn?.resume(returning: false)
    }
    state.withLock { _ = $0.cancelled.remove(id) }
    return isTaken ? Place(self) : nil
  }

  private func give() {
    let next = state.withLock { state in
      // A place is handed on, so that nobody overtakes.
      guard state.waiting.isEmpty else { return state.waiting.removeFirst().turn as CheckedContinuation<Bool, Never>? }
      state.free += 1
      return nil
    }
    next?.resume(returning: true)
  }
}

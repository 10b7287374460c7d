import Synchronization

/// Lets so many work at once, first come, first served.
final class WorkTurns: Sendable {
  private struct State {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(limit: Int) { state = Mutex(State(free: limit)) }

  /// Waits for a turn; who waits keeps its place, cancelled or not.
  func take() async -> WorkTurn {
    await withCheckedContinuation { turn in
      let isFree = state.withLock { state in
        guard state.free > 0 else {
          state.waiting.append(turn)
          return false
        }
        state.free -= 1
        return true
      }
      if isFree { turn.resume() }
    }
    return WorkTurn(of: self)
  }

  /// The turn passes from hand to hand, so nobody slips in between.
  fileprivate func pass() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard !state.waiting.isEmpty else {
        state.free += 1
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}

/// Turns of each family of checks: those of one plugin or system cannot keep the others from being measured.
final class FamilyTurns: Sendable {
  private let limit: Int
  private let turns = Mutex<[String: WorkTurns]>([:])

  /// `limit` of each family work at once.
  init(limit: Int) { self.limit = limit }

  /// Waits for a turn of the family of a check, which its name begins with.
  func take(for check: String) async -> WorkTurn {
    let family = String(check.prefix { $0 != "." })
    let own = turns.withLock { turns in
      let own = turns[family] ?? WorkTurns(limit: limit)
      turns[family] = own
      return own
    }
    return await own.take()
  }
}

/// A turn that somebody has, until it is passed on.
final class WorkTurn: Sendable {
  private let turns: WorkTurns
  private let isOver = Mutex(false)

  fileprivate init(of turns: WorkTurns) { self.turns = turns }

  /// Passes the turn on, once.
  func pass() {
    let isFirst = isOver.withLock { isOver in
      defer { isOver = true }
      return !isOver
    }
    if isFirst { turns.pass() }
  }
}

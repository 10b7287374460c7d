import Synchronization

/// A clock that stands still until a test moves it, for tests of waits, delays and deadlines.
package final class ManualClock: Clock, Sendable {
  /// Time since the clock was made.
  package struct Instant: InstantProtocol {
    package let offset: Duration

    package func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    package func duration(to other: Instant) -> Duration { other.offset - offset }
    package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private struct Sleeper {
    let id: Int
    let deadline: Instant
    let wake: CheckedContinuation<Void, any Error>
  }

  private struct Watcher {
    let count: Int
    let notify: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now = Instant(offset: .zero)
    var lastID = 0
    var sleepers: [Sleeper] = []
    var cancelled: Set<Int> = []
    var watchers: [Watcher] = []
  }

  private let state = Mutex(State())

  package init() {}

  package var now: Instant { state.withLock { $0.now } }
  package var minimumResolution: Duration { .zero }

  /// How many tasks sleep now.
  package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (wake: CheckedContinuation<Void, any Error>) in
        let ready = state.withLock { state -> (result: Result<Void, any Error>?, notified: [Watcher]) in
          if state.cancelled.remove(id) != nil { return (.failure(CancellationError()), []) }
          if deadline <= state.now { return (.success(()), []) }
          state.sleepers.append(Sleeper(id: id, deadline: deadline, wake: wake))
          let count = state.sleepers.count
          let notified = state.watchers.filter { $0.count <= count }
          state.watchers.removeAll { $0.count <= count }
          return (nil, notified)
        }
        for watcher in ready.notified { watcher.notify.resume() }
        if let result = ready.result { wake.resume(with: result) }
      }
    } onCancel: {
      let sleeper = state.withLock { state -> Sleeper? in
        guard let position = state.sleepers.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.sleepers.remove(at: position)
      }
      sleeper?.wake.resume(throwing: CancellationError())
    }
  }

  /// Moves the time forward and wakes everyone whose deadline has come, earliest first.
  package func advance(by duration: Duration) {
    let due = state.withLock { state -> [Sleeper] in
      state.now = state.now.advanced(by: duration)
      let now = state.now
      let due = state.sleepers.filter { $0.deadline <= now }.sorted { $0.deadline < $1.deadline }
      state.sleepers.removeAll { $0.deadline <= now }
      return due
    }
    for sleeper in due { sleeper.wake.resume() }
  }

  /// Moves the time to the earliest deadline; false when nobody sleeps.
  @discardableResult
  package func advanceToNextDeadline() -> Bool {
    let wait = state.withLock { state in state.sleepers.map(\.deadline).min().map { state.now.duration(to: $0) } }
    guard let wait else { return false }
    advance(by: wait)
    return true
  }

  /// Waits until at least `count` tasks sleep.
  package func sleepers(atLeast count: Int) async {
    await withCheckedContinuation { (notify: CheckedContinuation<Void, Never>) in
      let isMet = state.withLock { state -> Bool in
        if state.sleepers.count >= count { return true }
        state.watchers.append(Watcher(count: count, notify: notify))
        return false
      }
      if isMet { notify.resume() }
    }
  }
}

/// Lets time pass in small steps until the work is done, so that what has time enough is not overtaken by its deadline.
package func lettingSecondsPass<Result: Sendable>(
  _ clock: ManualClock,
  _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let ticking = Task {
    while !Task.isCancelled {
      clock.advance(by: .seconds(1))
      await Task.yield()
    }
  }
  defer { ticking.cancel() }
  return try await work()
}

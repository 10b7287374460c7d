import Synchronization

extension EventLoop {
  /// Waits until `descriptor` is ready, the delay has passed or the task is cancelled.
  ///
  /// Returns what was found: empty when time ran out first or the task was cancelled, `.closed` when it cannot be watched.
  package nonisolated func wait(
    _ descriptor: Int32,
    for interest: Readiness,
    atMost delay: Duration? = nil
  ) async -> Readiness {
    let pending = PendingWait(loop: self)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        pending.begin(continuation, descriptor, interest, delay)
      }
    } onCancel: {
      pending.finish([])
    }
  }

  /// Waits for `delay` on the loop's clock, or until the task is cancelled.
  package nonisolated func sleep(for delay: Duration) async {
    let pending = PendingWait(loop: self)
    await withTaskCancellationHandler {
      _ = await withCheckedContinuation { continuation in
        pending.begin(continuation, nil, [], delay)
      }
    } onCancel: {
      pending.finish([])
    }
  }
}

/// One caller of `wait`: whichever of readiness, timer and cancellation comes first resumes it.
private final class PendingWait: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Readiness, Never>?
    var watch: LoopWatch?
    var timer: LoopTimer?
    var isFinished = false
  }

  private let loop: EventLoop
  private let state = Mutex(State())

  init(loop: EventLoop) { self.loop = loop }

  func begin(
    _ continuation: CheckedContinuation<Readiness, Never>,
    _ descriptor: Int32?,
    _ interest: Readiness,
    _ delay: Duration?
  ) {
    // The lock is held throughout, so an answer that comes at once waits until watch and timer are known.
    let answer: Readiness? = state.withLock { state in
      if state.isFinished { return [] }
      if let descriptor {
        guard let watch = loop.watch(descriptor, for: interest, { self.finish($0) }) else { return .closed }
        state.watch = watch
      }
      if let delay { state.timer = loop.schedule(after: delay) { self.finish([]) } }
      state.continuation = continuation
      return nil
    }
    if let answer { continuation.resume(returning: answer) }
  }

  func finish(_ readiness: Readiness) {
    let ended = state.withLock { state in
      defer { state = State(isFinished: true) }
      return state
    }
    if let watch = ended.watch { loop.remove(watch) }
    if let timer = ended.timer { loop.cancel(timer) }
    ended.continuation?.resume(returning: readiness)
  }
}

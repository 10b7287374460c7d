import EventLoop

/// Until when each kind of wait lasts.
struct Deadlines {
  var connect = MonotonicTime.now
  var statement = MonotonicTime.now
  var grace = MonotonicTime.now

  /// For the answer after the server was told to cancel, and for the cancel's own end.
  static let afterCancel = Duration.seconds(5)

  subscript(limit: ProtocolAction.Limit) -> MonotonicTime? {
    switch limit {
    case .connect: connect
    case .statement: statement
    case .grace: grace
    case .none: nil
    }
  }
}

/// A wait that an event of the loop ends.
struct PendingWait {
  let continuation: CheckedContinuation<ProtocolEvent, Never>
  let watch: LoopWatch?
  let timer: LoopTimer?
}

extension PostgresConnection {
  /// Waits for the socket, the time or a signal, whichever comes first.
  func wait(for interest: Readiness, until deadline: MonotonicTime?) async -> ProtocolEvent {
    if !signals.isEmpty { return signals.removeFirst() }
    let socket = handle?.socket ?? -1
    return await withCheckedContinuation { continuation in
      // The socket may be a new one with the same number after each step of connecting, so it is registered every time.
      let watch =
        interest.isEmpty
        ? nil
        : loop.watch(socket, for: interest.union(.closed)) { [weak self] _ in
          self?.assumeIsolated { _ = $0.finish(.ready) }
        }
      if watch == nil, !interest.isEmpty { return continuation.resume(returning: .timeUp) }
      let timer = deadline.map { deadline in
        loop.schedule(after: deadline - .now) { [weak self] in self?.assumeIsolated { _ = $0.finish(.timeUp) } }
      }
      pending = PendingWait(continuation: continuation, watch: watch, timer: timer)
    }
  }

  /// Ends the wait; false if nothing is waiting.
  @discardableResult
  func finish(_ event: ProtocolEvent) -> Bool {
    guard let ended = pending else { return false }
    pending = nil
    if let watch = ended.watch { loop.remove(watch) }
    if let timer = ended.timer { loop.cancel(timer) }
    ended.continuation.resume(returning: event)
    return true
  }

  /// Waits, whether the task is cancelled or not.
  package func sleep(for delay: Duration) async {
    await withCheckedContinuation { continuation in loop.schedule(after: delay) { continuation.resume() } }
  }
}

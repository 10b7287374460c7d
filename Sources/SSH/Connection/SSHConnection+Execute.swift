import EventLoop

extension SSHConnection {
  /// Runs a command to its end.
  ///
  /// A cancelled task stops it at once; the remote process then lives until it next writes.
  func execute(_ command: SSHCommand) async throws(OperationFailure) -> SSHResult {
    try await withTurn(timeout: command.timeout) { turn throws(OperationFailure) in
      let channel = try await openChannel(turn)
      do throws(OperationFailure) {
        return try await run(command, on: channel, turn)
      } catch {
        abandon(channel)
        throw error
      }
    }
  }

  private func run(
    _ command: SSHCommand,
    on channel: Channel,
    _ turn: UInt64
  ) async throws(OperationFailure) -> SSHResult {
    let begin = MonotonicTime.now
    try await start("exec", command.line, on: channel, turn)
    var exchange = Exchange(command)
    do throws(OperationFailure) {
      try await converse(&exchange, on: channel, turn)
    } catch .timedOut(sent: true, got: _) where exchange.endedAt == nil {
      throw .timedOut(sent: true, got: exchange.result(of: nil, duration: .now - begin))
    } catch .lost(_, sent: true) where exchange.endedAt != nil, .timedOut(sent: true, got: _) {
      // It has said how it ended; only what it left running was still to be heard.
    } catch {
      throw error
    }
    if exchange.isFlooded || exchange.endedAt != nil && !channel.hasEnded {
      abandon(channel)
      return exchange.result(of: nil, duration: (exchange.endedAt ?? .now) - begin)
    }
    try await finish(channel, turn)
    defer { retire(channel) }
    return exchange.result(of: channel, duration: .now - begin)
  }

  private func converse(
    _ exchange: inout Exchange,
    on channel: Channel,
    _ turn: UInt64
  ) async throws(OperationFailure) {
    var timer: LoopTimer?
    defer { if let timer { loop.cancel(timer) } }
    while true {
      let progress = exchange.advance(channel, isCongested: session.wire.isCongested)
      // What its shell has left running may hold its output; what was written before has come by then.
      if let end = exchange.endedAt {
        if MonotonicTime.now - end >= Exchange.drain { return }
        if timer == nil {
          timer = loop.schedule(after: Exchange.drain) { [weak self] in self?.assumeIsolated { $0.wakeAll() } }
        }
      }
      switch progress {
      case .ended: return
      case .waiting: try await pauseOperation(turn, sent: true)
      case .busy:
        // A channel that always has more lets the others have their turn, and may be stopped like them.
        await Task.yield()
        do throws(Interruption) { try checkTurn(turn) } catch { throw OperationFailure(error, sent: true) }
      case .failed: throw .lost(session.wire.end ?? session.lastError, sent: true)
      }
    }
  }

  /// Runs an operation as a turn that ends with its time or its task.
  func withTurn<Result: Sendable>(
    timeout: Duration?,
    _ body: (UInt64) async throws(OperationFailure) -> Result
  ) async throws(OperationFailure) -> Result {
    let turn = beginTurn(timeout: timeout)
    defer { endTurn(turn) }
    return try await withTaskCancellationHandler {
      await Outcome { () async throws(OperationFailure) in
        try await withTaskExecutorPreference(loop) { () async throws(OperationFailure) in try await body(turn) }
      }
    } onCancel: {
      cancelTurn(turn)
    }.get()
  }
}

/// Carries a typed error through a function that only rethrows.
private struct Outcome<Success: Sendable>: Sendable {
  private let result: Result<Success, OperationFailure>

  init(_ body: () async throws(OperationFailure) -> Success) async {
    do throws(OperationFailure) { result = .success(try await body()) } catch { result = .failure(error) }
  }

  func get() throws(OperationFailure) -> Success { try result.get() }
}

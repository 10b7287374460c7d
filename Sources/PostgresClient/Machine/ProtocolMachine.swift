import EventLoop

/// The client's half of the conversation, without a socket: takes what happened, answers what to do next.
///
/// The order of libpq's calls lives here (manual, 34.4 "Asynchronous Command Processing"), and what a loss means.
struct ProtocolMachine: Sendable {
  enum State: Sendable, Equatable {
    case closed
    case connecting(hasAskedPassword: Bool)
    case idle
    case looking(StatementTraits)
    case sending
    case receiving
    /// Rows wait for their reader.
    case paused
    /// All answers have come, the end of the cancel has not: the next statement must not be hit by it.
    case settling
    case listening
  }

  private(set) var state = State.closed
  /// Where the session stood after the last statement.
  private(set) var transaction = TransactionStatus.unknown
  /// What the last statement did, for example `UPDATE 3`.
  private(set) var tag = ""
  /// Whether rows that still come are thrown away.
  var isDiscarding: Bool { stop == .abandoned }

  /// Why the server was told to cancel.
  private enum Stop: Sendable, Equatable {
    case caller
    case deadline
    case abandoned
  }

  private var traits = StatementTraits()
  private var wanted = Int.max
  private var error: PostgresError?
  private var stop: Stop?
  // Whether the cancel is still on its way.
  private var isCancelOut = false
  private var cancelProblem: String?
  // Why the connection is at its end, once that was read.
  private var end: String?

  mutating func received(_ event: ProtocolEvent) -> ProtocolAction {
    if event == .hungUp { return close(hangUp()) }
    return switch state {
    case .closed, .connecting: connecting(event)
    case .idle: idle(event)
    case .looking(let traits): looking(traits, event)
    case .sending: sending(event)
    case .receiving: receiving(event)
    case .paused: paused(event)
    case .settling: settling(event)
    case .listening: listening(event)
    }
  }

  // MARK: Connecting

  private mutating func connecting(_ event: ProtocolEvent) -> ProtocolAction {
    switch (event, state) {
    case (.open, .closed):
      state = .connecting(hasAskedPassword: false)
      return .start
    case (.statement, .closed), (.listen, .closed): return .refuse(.dropped("the connection was closed"))
    // libpq says to act as if it had asked to write before the first poll.
    case (.started(true), .connecting), (.polled(.writing), .connecting): return .wait(.writable, until: .connect)
    case (.started(false), .connecting): return close(.unreachable("no memory left"))
    case (.polled(.reading), .connecting): return .wait(.readable, until: .connect)
    case (.ready, .connecting): return .poll
    case (.polled(.done), .connecting):
      state = .idle
      transaction = .idle
      return .opened
    case (.polled(.failed(_, needsPassword: true)), .connecting(hasAskedPassword: false)):
      state = .connecting(hasAskedPassword: true)
      return .askPassword
    case (.polled(.failed(let reason, let needsPassword)), .connecting):
      return close(.unreachable(reason, needsPassword: needsPassword))
    case (.password(true), .connecting): return .start
    case (.password(false), .connecting): return close(.unreachable("it asks for a password", needsPassword: true))
    case (.timeUp, .connecting): return close(.unreachable("no answer in time"))
    case (.interrupted, .connecting): return close(.cancelled("it was cancelled before the connection stood"))
    default: return misuse(event)
    }
  }

  // MARK: Between statements

  private mutating func idle(_ event: ProtocolEvent) -> ProtocolAction {
    switch event {
    case .open: return .opened
    case .statement(let traits):
      state = .looking(traits)
      return .look
    case .listen: return .drain
    case .drained(0):
      state = .listening
      return .wait(.readable, until: .none)
    case .drained: return .deliver
    // They came too late for what they meant.
    case .abandon, .interrupted, .cancelSent: return .finish(nil)
    default: return misuse(event)
    }
  }

  private mutating func listening(_ event: ProtocolEvent) -> ProtocolAction {
    switch event {
    case .ready: return .consume
    case .consumed(.alive): return .drain
    case .drained(0): return .wait(.readable, until: .none)
    case .drained:
      state = .idle
      return .deliver
    case .consumed(.dead(let reason)): return close(.dropped(reason))
    case .interrupted:
      state = .idle
      return .finish(.cancelled("nobody waits for notifications any more"))
    default: return misuse(event)
    }
  }

  // MARK: A statement

  private mutating func looking(_ traits: StatementTraits, _ event: ProtocolEvent) -> ProtocolAction {
    switch event {
    case .looked(.alive): return .send
    case .looked(.dead(let reason)), .sent(.dead(let reason)): return close(.dropped(reason))
    case .sent(.alive):
      self.traits = traits
      (wanted, error, stop, tag) = (traits.batch ?? Int.max, nil, nil, "")
      (isCancelOut, cancelProblem, end) = (false, nil, nil)
      state = .sending
      return .flush
    case .interrupted: return .look
    default: return misuse(event)
    }
  }

  private mutating func sending(_ event: ProtocolEvent) -> ProtocolAction {
    switch event {
    case .flushed(.done):
      state = .receiving
      return .take
    // What the server says meanwhile must be read, or both sides wait for ever.
    case .flushed(.blocked): return wait([.readable, .writable])
    case .flushed(.failed(let reason)), .consumed(.dead(let reason)): return close(lost(reason))
    case .ready: return .consume
    case .consumed(.alive): return .flush
    default: return stopping(event, interest: [.readable, .writable])
    }
  }

  private mutating func receiving(_ event: ProtocolEvent) -> ProtocolAction {
    switch event {
    case .answer(.busy): return end.map { close(lost($0)) } ?? wait(.readable)
    case .ready: return .consume
    case .consumed(let liveness):
      // The server's last words may have come with the end.
      if case .dead(let reason) = liveness { end = reason }
      return .take
    case .answer(.rows(let count)):
      if isDiscarding { return .take }
      wanted -= count
      if wanted > 0 { return .take }
      state = .paused
      return .pause
    case .answer(.complete(let tag)):
      self.tag = tag
      return .take
    case .answer(.error(let found)):
      if error == nil { error = found }
      return .take
    case .answer(.copy): return close(.failed("COPY is not supported here"))
    case .answer(.end(let status, let liveness)): return ended(status, liveness)
    default: return stopping(event, interest: .readable)
    }
  }

  private mutating func paused(_ event: ProtocolEvent) -> ProtocolAction {
    switch event {
    case .pull(let count):
      wanted = count
      state = .receiving
      return .take
    case .abandon, .interrupted:
      state = .receiving
      return cancel(event == .abandon ? .abandoned : .caller)
    default: return misuse(event)
    }
  }

  private mutating func settling(_ event: ProtocolEvent) -> ProtocolAction {
    switch event {
    case .cancelSent: return finish()
    // Where the cancel is now is not known, so it could hit the next statement.
    case .timeUp: return close(outcome() ?? .dropped("its cancel did not end in time"))
    case .interrupted, .ready: return .wait([], until: .grace)
    default: return misuse(event)
    }
  }

  // MARK: Stopping a statement

  private mutating func stopping(_ event: ProtocolEvent, interest: Readiness) -> ProtocolAction {
    switch event {
    case .timeUp where stop == nil: return cancel(.deadline)
    case .timeUp: return close(lost("no answer in time, nor after a cancel" + (cancelProblem.map { " (\($0))" } ?? "")))
    case .interrupted where stop == nil: return cancel(.caller)
    case .interrupted, .cancelStarted: return .wait(interest, until: .grace)
    case .cancelSent(let problem):
      (isCancelOut, cancelProblem) = (false, problem)
      return .wait(interest, until: .grace)
    default: return misuse(event)
    }
  }

  private mutating func cancel(_ reason: Stop) -> ProtocolAction {
    stop = reason
    isCancelOut = true
    return .cancel
  }

  private func wait(_ interest: Readiness) -> ProtocolAction {
    .wait(interest, until: stop == nil ? .statement : .grace)
  }

  // MARK: Its end

  private mutating func ended(_ status: TransactionStatus, _ liveness: ProtocolEvent.Liveness) -> ProtocolAction {
    if case .dead(let reason) = liveness { return close(broken(reason)) }
    transaction = status
    if isCancelOut {
      state = .settling
      return .wait([], until: .grace)
    }
    return finish()
  }

  private mutating func finish() -> ProtocolAction {
    state = .idle
    return .finish(outcome())
  }

  /// What a cancelled statement says depends on who cancelled it.
  private func outcome() -> PostgresError? {
    guard let error, error.state == SQLState.cancelled else { return error }
    switch stop {
    case .caller: return PostgresError(.cancelled, state: error.state, "it was cancelled")
    case .deadline: return PostgresError(.timedOut, state: error.state, "it took too long and was cancelled")
    case .abandoned: return nil
    case nil: return error
    }
  }

  private func broken(_ reason: String) -> PostgresError {
    guard let error else { return lost(reason) }
    // idle_in_transaction_session_timeout strikes only before a statement has come.
    if error.state == SQLState.idleInTransaction { return .dropped(error.message, state: error.state) }
    return lost(error.message, state: error.state)
  }

  // A statement inside a transaction that nobody committed has done nothing; all others may have.
  private func lost(_ reason: String, state: String? = nil) -> PostgresError {
    let isOpen = traits.mayCommit || (transaction == .idle && !traits.begins)
    return PostgresError(isOpen ? .unknownOutcome : .lost, state: state, reason)
  }

  private func hangUp() -> PostgresError {
    switch state {
    case .sending, .receiving, .settling: lost("the connection was closed")
    default: .dropped("the connection was closed")
    }
  }

  private mutating func close(_ error: PostgresError) -> ProtocolAction {
    state = .closed
    transaction = .unknown
    return .close(error)
  }

  private func misuse(_ event: ProtocolEvent) -> ProtocolAction {
    switch event {
    case .statement, .listen, .pull, .open: .refuse(.misuse("two statements at once on one connection"))
    default: .refuse(.misuse("an event that does not belong here"))
    }
  }
}

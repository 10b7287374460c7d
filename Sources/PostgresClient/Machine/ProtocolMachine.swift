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

  var state = State.closed
  /// Where the session stood after the last statement.
  var transaction = TransactionStatus.unknown
  /// What the last statement did, for example `UPDATE 3`.
  var tag = ""
  /// Whether rows that still come are thrown away.
  var isDiscarding: Bool { stop == .abandoned }

  /// Why the server was told to cancel.
  enum Stop: Sendable, Equatable {
    case caller
    case deadline
    case abandoned
  }

  var traits = StatementTraits()
  var wanted = Int.max
  var error: PostgresError?
  var stop: Stop?
  // Whether the cancel is still on its way.
  var isCancelOut = false
  var cancelProblem: String?
  // Why the connection is at its end, once that was read.
  var end: String?

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

  // MARK: Between statements

  mutating func idle(_ event: ProtocolEvent) -> ProtocolAction {
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

  mutating func listening(_ event: ProtocolEvent) -> ProtocolAction {
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
      return .finish(.cancelled("no one is waiting for notifications any more"))
    default: return misuse(event)
    }
  }

  mutating func close(_ error: PostgresError) -> ProtocolAction {
    state = .closed
    transaction = .unknown
    return .close(error)
  }

  func misuse(_ event: ProtocolEvent) -> ProtocolAction {
    switch event {
    case .statement, .listen, .pull, .open: .refuse(.misuse("two statements at once on one connection"))
    default: .refuse(.misuse("an unexpected event"))
    }
  }
}

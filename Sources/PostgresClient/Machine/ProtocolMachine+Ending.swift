import EventLoop

extension ProtocolMachine {
  mutating func stopping(_ event: ProtocolEvent, interest: Readiness) -> ProtocolAction {
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

  mutating func cancel(_ reason: Stop) -> ProtocolAction {
    stop = reason
    isCancelOut = true
    return .cancel
  }

  func wait(_ interest: Readiness) -> ProtocolAction {
    .wait(interest, until: stop == nil ? .statement : .grace)
  }

  mutating func ended(_ status: TransactionStatus, _ liveness: ProtocolEvent.Liveness) -> ProtocolAction {
    if case .dead(let reason) = liveness { return close(broken(reason)) }
    transaction = status
    if isCancelOut {
      state = .settling
      return .wait([], until: .grace)
    }
    return finish()
  }

  mutating func finish() -> ProtocolAction {
    state = .idle
    return .finish(outcome())
  }

  /// What a cancelled statement says depends on who cancelled it.
  func outcome() -> PostgresError? {
    guard let error, error.state == SQLState.cancelled else { return error }
    switch stop {
    case .caller: return PostgresError(.cancelled, state: error.state, "it was cancelled")
    case .deadline: return PostgresError(.timedOut, state: error.state, "it took too long and was cancelled")
    case .abandoned: return nil
    case nil: return error
    }
  }

  func broken(_ reason: String) -> PostgresError {
    guard let error else { return lost(reason) }
    // idle_in_transaction_session_timeout strikes only before a statement has come.
    if error.state == SQLState.idleInTransaction { return .dropped(error.message, state: error.state) }
    return lost(error.message, state: error.state)
  }

  // A statement inside a transaction that nobody committed has done nothing; all others may have.
  func lost(_ reason: String, state: String? = nil) -> PostgresError {
    let isOpen = traits.mayCommit || (transaction == .idle && !traits.begins)
    return PostgresError(isOpen ? .unknownOutcome : .lost, state: state, reason)
  }

  func hangUp() -> PostgresError {
    switch state {
    case .sending, .receiving, .settling: lost("the connection was closed")
    default: .dropped("the connection was closed")
    }
  }
}

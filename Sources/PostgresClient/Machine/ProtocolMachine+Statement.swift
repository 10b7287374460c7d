import EventLoop

extension ProtocolMachine {
  mutating func looking(_ traits: StatementTraits, _ event: ProtocolEvent) -> ProtocolAction {
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

  mutating func sending(_ event: ProtocolEvent) -> ProtocolAction {
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

  mutating func receiving(_ event: ProtocolEvent) -> ProtocolAction {
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

  mutating func paused(_ event: ProtocolEvent) -> ProtocolAction {
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

  mutating func settling(_ event: ProtocolEvent) -> ProtocolAction {
    switch event {
    case .cancelSent: return finish()
    // Where the cancel is now is not known, so it could hit the next statement.
    case .timeUp: return close(outcome() ?? .dropped("its cancel request did not finish in time"))
    case .interrupted, .ready: return .wait([], until: .grace)
    default: return misuse(event)
    }
  }
}

import EventLoop

extension ProtocolMachine {
  mutating func connecting(_ event: ProtocolEvent) -> ProtocolAction {
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
    case (.interrupted, .connecting): return close(.cancelled("it was cancelled before the connection was established"))
    default: return misuse(event)
    }
  }
}

import EventLoop

/// The connections to one endpoint and the callers that wait for a channel there.
struct Lane {
  /// A connection and what it carries.
  struct Member {
    let connection: SSHConnection
    var busy = 0
    /// Channels that were closed before their end: the server may still hold their sessions.
    var abandoned = 0
    var isRetired = false
    /// Whether a channel of it has been opened and given back.
    var hasServed = false
    /// How many channels the server has opened at most, once it has refused one.
    var channels: Int?
    var idleTimer: LoopTimer?
  }

  /// A caller that waits; resumed exactly once.
  struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<Result<SSHConnection, SSHError>, Never>
  }

  var members: [Member] = []
  var waiters: [Waiter] = []
  /// Connections being opened.
  var dials = 0
  /// When a channel was last taken or given back.
  var lastTurnover = MonotonicTime.now
  var spreadTimer: LoopTimer?

  /// Takes a channel of the first connection that has one free.
  mutating func take(limit: Int) -> SSHConnection? {
    guard let index = members.firstIndex(where: { $0.hasRoom(limit: limit) }) else { return nil }
    members[index].busy += 1
    lastTurnover = .now
    return members[index].connection
  }

  func index(of connection: SSHConnection) -> Int? { members.firstIndex { $0.connection === connection } }

  /// Takes out the connections that are broken, or retired and idle.
  mutating func removeSpent() -> [Member] {
    let spent = members.filter(\.isSpent)
    members.removeAll(where: \.isSpent)
    return spent
  }
}

extension Lane.Member {
  fileprivate func hasRoom(limit: Int) -> Bool {
    !isRetired && !connection.isBroken && busy + abandoned < min(limit, channels ?? limit)
  }

  fileprivate var isSpent: Bool { busy == 0 && (isRetired || connection.isBroken) }
}

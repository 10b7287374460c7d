import CEpoll

/// What a descriptor is watched for, and what was found.
package struct Readiness: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Bytes, a connection or the end of the stream can be read without waiting.
  package static let readable = Readiness(rawValue: 1)
  /// Bytes can be written without waiting.
  package static let writable = Readiness(rawValue: 2)
  /// The peer has closed its side or the descriptor is in error; reported even when not asked for.
  package static let closed = Readiness(rawValue: 4)
}

extension Readiness {
  // `man 2 epoll_ctl`: EPOLLERR and EPOLLHUP are always reported.
  var events: UInt32 {
    (contains(.readable) ? EPOLLIN.rawValue : 0) | (contains(.writable) ? EPOLLOUT.rawValue : 0)
      | (contains(.closed) ? EPOLLRDHUP.rawValue : 0)
  }

  init(events: UInt32) {
    self = []
    if events & EPOLLIN.rawValue != 0 { insert(.readable) }
    if events & EPOLLOUT.rawValue != 0 { insert(.writable) }
    if events & (EPOLLRDHUP.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { insert(.closed) }
  }
}

/// A timer that can be cancelled.
package struct LoopTimer: Hashable, Sendable {
  let id: UInt64
}

/// A descriptor under watch.
package struct LoopWatch: Hashable, Sendable {
  let descriptor: Int32
  let token: UInt64
}

import Foundation
import Glibc
import Synchronization

/// Notices that nobody reads a pipe any more, without writing to it: a deploy may be silent for minutes.
package final class ReaderWatch: Sendable {
  /// The end that ends the watch by being closed.
  private let wake: Mutex<Int32?>

  /// Calls `body` once, on a thread of its own, when the reader of a pipe or a socket has gone.
  ///
  /// Answers nil for what has no other side, such as a file, and where this machine has no descriptor left.
  package init?(_ descriptor: Int32, _ body: @escaping @Sendable () -> Void) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) else { return nil }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let (waiting, wake) = (ends[0], ends[1])
    self.wake = Mutex(wake)
    let thread = Thread {
      if ReaderWatch.isLeft(descriptor, unless: waiting) { body() }
      close(waiting)
    }
    thread.name = "reader"
    thread.start()
  }

  deinit { stop() }

  /// Ends the watch; more calls do nothing.
  package func stop() {
    wake.withLock { wake in
      if let wake { close(wake) }
      wake = nil
    }
  }

  /// Waits until the reader is gone; false once `waiting` ends.
  private static func isLeft(_ descriptor: Int32, unless waiting: Int32) -> Bool {
    var requests = [pollfd(fd: descriptor, events: 0, revents: 0), pollfd(fd: waiting, events: 0, revents: 0)]
    while true {
      let count = poll(&requests, 2, -1)
      if count < 0, errno != EINTR { return false }
      if requests[1].revents != 0 { return false }
      if Int32(requests[0].revents) & (POLLERR | POLLHUP) != 0 { return true }
      if requests[0].revents != 0 { return false }
    }
  }
}

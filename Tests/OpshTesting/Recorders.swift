import Synchronization

/// Counts from 0, from any task.
package final class Counter: Sendable {
  private let count = Mutex(0)

  package init() {}

  /// The next number.
  package func next() -> Int {
    count.withLock { count in
      defer { count += 1 }
      return count
    }
  }
}

/// Collects lines, from any task.
package final class Lines: Sendable {
  private let lines = Mutex<[String]>([])

  package init() {}

  /// Everything so far, in order.
  package var all: [String] { lines.withLock { $0 } }

  package func add(_ line: String) { lines.withLock { $0.append(line) } }
}

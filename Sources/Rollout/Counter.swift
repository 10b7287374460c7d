import Synchronization

/// Counts up from a number.
final class Counter: Sendable {
  private let last: Mutex<Int>

  init(_ last: Int) { self.last = Mutex(last) }

  func next() -> Int {
    last.withLock { last in
      last += 1
      return last
    }
  }
}

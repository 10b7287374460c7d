import Console
import Synchronization

/// Keeps what was written.
final class Recorder: Output {
  private let written = Mutex("")
  func write(_ text: String) { written.withLock { $0 += text } }
  var text: String { written.withLock { $0 } }
  var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }
}

/// A monotonic clock that the test moves.
final class HandClock: Sendable {
  private let start = ContinuousClock.now
  private let elapsed = Mutex(Duration.zero)
  func advance(_ duration: Duration) { elapsed.withLock { $0 += duration } }
  var now: ContinuousClock.Instant { start + elapsed.withLock { $0 } }
}

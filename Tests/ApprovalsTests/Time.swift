import Foundation
import Synchronization

/// A wall clock that a test sets.
final class Time: Sendable {
  private let date = Mutex(Date(timeIntervalSince1970: 1_800_000_000.4))

  var now: Date { date.withLock { $0 } }

  func pass(_ seconds: Double) { date.withLock { $0 += seconds } }
}

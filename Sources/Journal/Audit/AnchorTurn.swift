import Synchronization

/// Remembers how much was written since the last anchor, so that one comes at least every thousand records.
final class AnchorTurn: Sendable {
  private let last = Mutex<Int64?>(nil)

  private static let interval: Int64 = 1000

  /// Whether the record at this place needs an anchor; the first one that is seen begins the count.
  func isDue(_ seq: Int64) -> Bool {
    last.withLock { last in
      guard let from = last else {
        last = seq
        return seq.isMultiple(of: AnchorTurn.interval)
      }
      return seq - from >= AnchorTurn.interval
    }
  }

  /// An anchor was written.
  func took(_ seq: Int64) { last.withLock { $0 = seq } }
}

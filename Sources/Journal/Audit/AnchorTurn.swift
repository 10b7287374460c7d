import Synchronization

/// Remembers how much was written since the last anchor, so that one comes at least every thousand records, and at the end.
final class AnchorTurn: Sendable {
  private let state = Mutex(State())

  private struct State {
    /// Where the count of the interval began.
    var last: Int64?
    /// The newest record that this process wrote, as far as it knows.
    var written: Int64 = 0
    var anchored: Int64 = 0
  }

  private static let interval: Int64 = 1000

  /// Whether the record at this place, the newest of this process, needs an anchor; the first one begins the count.
  func isDue(_ seq: Int64) -> Bool {
    state.withLock { state in
      state.written = max(state.written, seq)
      guard let from = state.last else {
        state.last = seq
        return seq.isMultiple(of: AnchorTurn.interval)
      }
      return seq - from >= AnchorTurn.interval
    }
  }

  /// A record was written in a transaction whose end is not known here.
  func wrote(_ seq: Int64) { state.withLock { $0.written = max($0.written, seq) } }

  /// An anchor was written.
  func took(_ seq: Int64) {
    state.withLock { state in
      state.last = seq
      state.anchored = max(state.anchored, seq)
    }
  }

  /// The newest record of all is anchored.
  func caughtUp() { state.withLock { $0.anchored = max($0.anchored, $0.written) } }

  /// Whether this process wrote records that no anchor covers.
  var isBehind: Bool { state.withLock { $0.written > $0.anchored } }
}

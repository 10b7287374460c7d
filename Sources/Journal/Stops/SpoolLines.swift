package import PrimitiveKit
import Synchronization

/// Writes what a call of the stop lane does into its spool beside the work: no disk keeps a bot running.
///
/// Lines that come while others are written go together, with one sync.
package final class SpoolLines: Sendable {
  private struct State {
    var waiting: [SpooledCall.Line] = []
    var isWriting = false
    var isClosed = false
    var closer: CheckedContinuation<Void, Never>?
  }

  private let spool: StopSpool
  private let id: String
  private let first: Task<CallFailure?, Never>
  private let state = Mutex(State())

  /// `first` writes what the call is; lines without that would belong to nothing.
  package init(_ spool: StopSpool, of id: String, after first: Task<CallFailure?, Never>) {
    self.spool = spool
    self.id = id
    self.first = first
  }

  /// Writes a line soon; one that cannot be written is in the whole file at the end, or that says why not.
  package func add(_ line: SpooledCall.Line) {
    let begins = state.withLock { state in
      if state.isClosed { return false }
      state.waiting.append(line)
      defer { state.isWriting = true }
      return !state.isWriting
    }
    if begins { Task.detached { await self.write() } }
  }

  /// Returns when nothing is being written any more; what waits is left out, and so is what comes later.
  package func close() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        state.isClosed = true
        state.waiting = []
        if state.isWriting { state.closer = continuation }
        return !state.isWriting
      }
      if isOver { continuation.resume() }
    }
  }

  private func write() async {
    _ = await first.value
    while true {
      let lines = state.withLock { state in
        defer { state.waiting = [] }
        return state.waiting
      }
      if !lines.isEmpty { try? spool.append(lines, of: id) }
      let (isDone, closer) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
        guard state.waiting.isEmpty else { return (false, nil) }
        state.isWriting = false
        defer { state.closer = nil }
        return (true, state.closer)
      }
      closer?.resume()
      if isDone { return }
    }
  }
}

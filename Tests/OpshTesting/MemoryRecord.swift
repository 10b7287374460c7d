package import PrimitiveKit
import Synchronization

/// A record of a run that outlives the run's process in memory, and that can fail at any write.
package final class MemoryRecord: RunRecord {
  /// What a write that fails leaves behind.
  package enum Loss: Sendable, CaseIterable {
    /// Nothing: the process died before.
    case before
    /// The written words: it died after.
    case after
  }

  private struct State {
    var replay = RunReplay()
    var writes: [String] = []
    var limit: Int?
    var loss = Loss.before
    var intents: [OperationIntent] = []
    var ends: [String: OperationEnd] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// What a new process of the run finds.
  package var replay: RunReplay { state.withLock { $0.replay } }
  /// Every write that was tried, in order, as `intend KEY`, `settle KEY` or `keep KEY`.
  package var writes: [String] { state.withLock { $0.writes } }
  /// What was about to be sent, in order.
  package var intents: [OperationIntent] { state.withLock { $0.intents } }
  /// How operations ended, by key.
  package var ends: [String: OperationEnd] { state.withLock { $0.ends } }

  /// Lets that many more writes pass; every later one fails.
  package func fail(after count: Int?, losing loss: Loss = .before) {
    state.withLock { state in
      state.limit = count.map { state.writes.count + $0 }
      state.loss = loss
    }
  }

  /// Says that an operator found how an operation in doubt ended.
  package func resolve(_ key: String, _ past: RunReplay.Past) { state.withLock { $0.replay.operations[key] = past } }

  package func intend(_ intent: OperationIntent) async throws(CallFailure) {
    try write("intend \(intent.key)") { state in
      state.intents.append(intent)
      state.replay.operations[intent.key] = .open
    }
  }

  package func settle(_ key: String, _ end: OperationEnd) async throws(CallFailure) {
    try write("settle \(key)") { state in
      state.ends[key] = end
      switch end {
      case .done(let outcome, _, _): state.replay.operations[key] = .done(outcome)
      case .failed(let failure): state.replay.operations[key] = .failed(failure)
      case .notDone: state.replay.operations[key] = .notDone
      case .unknown: break
      }
    }
  }

  package func keep(_ json: String, of key: String) async throws(CallFailure) {
    try write("keep \(key)") { $0.replay.reads[key] = json }
  }

  private func write(_ name: String, _ change: (inout State) -> Void) throws(CallFailure) {
    let isWritten = state.withLock { state in
      state.writes.append(name)
      let isOver = state.limit.map { state.writes.count > $0 } ?? false
      // Only the first write that fails may have reached the disk.
      if !isOver || state.loss == .after && state.writes.count == (state.limit ?? 0) + 1 { change(&state) }
      return !isOver
    }
    if !isWritten { throw CallFailure(.journal, code: "journal.unavailable", message: "the disk is full") }
  }
}

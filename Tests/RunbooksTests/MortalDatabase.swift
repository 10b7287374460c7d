import Journal
import PrimitiveKit
import Synchronization

/// A database that stops taking writes after so many, as if its process had died there.
final class MortalDatabase: Database {
  private let base: any Database
  private struct State {
    var writes = 0
    var limit: Int?
    var losesAfter = false
    var isBlind = false
  }
  private let state = Mutex(State())

  init(_ base: any Database) { self.base = base }

  var name: String { base.name }
  /// Whether a write was refused.
  var isDead: Bool { state.withLock { state in state.limit.map { state.writes > $0 } ?? false } }
  /// How many writes there were.
  var writes: Int { state.withLock { $0.writes } }

  /// Lets so many more writes pass; with `after`, the first that fails is written all the same.
  func die(after count: Int?, after written: Bool = false) {
    state.withLock { state in
      state.limit = count.map { state.writes + $0 }
      state.losesAfter = written
    }
  }

  /// Whether nothing can be read.
  func goBlind(_ isBlind: Bool) { state.withLock { $0.isBlind = isBlind } }

  func transaction<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    let (isOver, isLast) = state.withLock { state in
      state.writes += 1
      guard let limit = state.limit else { return (false, false) }
      return (state.writes > limit, state.writes == limit + 1 && state.losesAfter)
    }
    let failure = CallFailure(.journal, code: "journal.full", message: "the disk is full")
    if isOver, !isLast { throw failure }
    let answer = try await base.transaction(body)
    if isOver { throw failure }
    return answer
  }

  func reading<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    if state.withLock({ $0.isBlind }) {
      throw CallFailure(.journal, code: "journal.unavailable", message: "the disk does not answer")
    }
    return try await base.reading(body)
  }
}

import Journal
import PrimitiveKit
import Synchronization

/// A database whose time a test moves, and which it can make fail or hang.
final class ClockedDatabase: Database {
  /// Where its time begins, in seconds since 1970; also the first epoch.
  static let start = 1_800_000_000

  private struct State {
    var offset: Int64 = 0
    var failure: CallFailure?
    /// Whether a transaction that fails was committed all the same.
    var commits = false
    var hanging: [CheckedContinuation<Void, Never>] = []
    var isHanging = false
  }

  private let base: any Database
  private let state = Mutex(State())

  init(base: any Database) { self.base = base }

  var name: String { base.name }

  /// Lets the time of the database pass.
  func advance(by duration: Duration) {
    state.withLock { $0.offset += duration.components.seconds * 1000 }
  }

  /// Makes every later transaction fail, before its commit or once it is there; nil ends that.
  func fail(_ failure: CallFailure?, afterCommit commits: Bool = false) {
    state.withLock { ($0.failure, $0.commits) = (failure, commits) }
  }

  /// Makes every later transaction wait until `resume`.
  func hang() { state.withLock { $0.isHanging = true } }

  func resume() {
    let hanging = state.withLock { state in
      state.isHanging = false
      defer { state.hanging = [] }
      return state.hanging
    }
    for turn in hanging { turn.resume() }
  }

  func transaction<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    await withCheckedContinuation { turn in
      let isHanging = state.withLock { state in
        if state.isHanging { state.hanging.append(turn) }
        return state.isHanging
      }
      if !isHanging { turn.resume() }
    }
    let (failure, commits) = state.withLock { ($0.failure, $0.commits) }
    if let failure, !commits { throw failure }
    let answer = try await base.transaction { (session) async throws(CallFailure) -> Answer in
      try await body(ClockedSession(base: session, database: self))
    }
    if let failure { throw failure }
    return answer
  }

  func reading<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await base.reading { (session) async throws(CallFailure) -> Answer in
      try await body(ClockedSession(base: session, database: self))
    }
  }

  private struct ClockedSession: DatabaseSession {
    let base: any DatabaseSession
    let database: ClockedDatabase

    func query(_ statement: String, _ arguments: [DatabaseValue]) async throws(CallFailure) -> [[DatabaseValue]] {
      try await base.query(statement, arguments)
    }

    // Stands still unless the test moves it.
    func now() async throws(CallFailure) -> Int64 {
      Int64(ClockedDatabase.start) * 1000 + database.state.withLock { $0.offset }
    }
  }
}

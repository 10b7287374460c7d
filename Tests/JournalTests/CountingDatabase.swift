import Journal
import PrimitiveKit
import Synchronization

/// A database that counts its commits.
final class CountingDatabase: Database {
  private let base: any Database
  private let commits = Mutex(0)

  init(base: any Database) { self.base = base }

  var name: String { base.name }
  var count: Int { commits.withLock { $0 } }

  func transaction<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    commits.withLock { $0 += 1 }
    return try await base.transaction(body)
  }

  func reading<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await base.reading(body)
  }
}

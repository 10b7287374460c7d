import Journal
import PrimitiveKit
import Synchronization

/// A database that counts its commits, and what is read from it.
final class CountingDatabase: Database {
  private let base: any Database
  private let commits = Mutex(0)
  private let reads = Mutex(Reads())

  /// Statements, and the rows and bytes of text that they answered.
  struct Reads: Equatable {
    var statements = 0
    var rows = 0
    var bytes = 0
  }

  init(base: any Database) { self.base = base }

  var name: String { base.name }
  var count: Int { commits.withLock { $0 } }

  func transaction<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    commits.withLock { $0 += 1 }
    return try await base.transaction { (session) throws(CallFailure) in
      try await body(CountingSession(base: session, note: { self.note($0) }))
    }
  }

  func reading<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await base.reading { (session) throws(CallFailure) in
      try await body(CountingSession(base: session, note: { self.note($0) }))
    }
  }

  private func note(_ rows: [[DatabaseValue]]) {
    reads.withLock { reads in
      reads.statements += 1
      reads.rows += rows.count
      for row in rows { for value in row { reads.bytes += value.text?.utf8.count ?? 0 } }
    }
  }

  /// What was read since the last time.
  func takeReads() -> Reads {
    reads.withLock { reads in
      defer { reads = Reads() }
      return reads
    }
  }
}

private struct CountingSession: DatabaseSession {
  let base: any DatabaseSession
  let note: @Sendable ([[DatabaseValue]]) -> Void

  func query(_ statement: String, _ arguments: [DatabaseValue]) async throws(CallFailure) -> [[DatabaseValue]] {
    let rows = try await base.query(statement, arguments)
    note(rows)
    return rows
  }

  func now() async throws(CallFailure) -> Int64 { try await base.now() }
}

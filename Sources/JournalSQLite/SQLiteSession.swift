import Journal
import PrimitiveKit

/// The statements of one transaction of one connection.
struct SQLiteSession: DatabaseSession {
  let connection: JournalConnection
  let transaction: Int
  private let clock: @Sendable () -> Int64

  init(connection: JournalConnection, transaction: Int, now: @escaping @Sendable () -> Int64) {
    self.connection = connection
    self.transaction = transaction
    clock = now
  }

  func query(_ statement: String, _ arguments: [DatabaseValue]) async throws(CallFailure) -> [[DatabaseValue]] {
    try await connection.query(statement, arguments, in: transaction)
  }

  func now() async throws(CallFailure) -> Int64 { clock() }
}

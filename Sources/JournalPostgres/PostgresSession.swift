import Journal
import PostgresClient
import PrimitiveKit

/// The statements of one transaction on a connection.
struct PostgresSession: DatabaseSession {
  let connection: JournalConnection
  let transaction: Int
  let limit: Duration
  let name: String

  func query(_ statement: String, _ arguments: [DatabaseValue]) async throws(CallFailure) -> [[DatabaseValue]] {
    do throws(PostgresError) {
      return try await connection.query(statement, arguments, in: transaction, within: limit)
    } catch {
      throw error.failure(name)
    }
  }

  func now() async throws(CallFailure) -> Int64 {
    let rows = try await query("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint", [])
    guard let now = rows.first?.first?.int else {
      throw PostgresError(.invalid, "the server did not report its time").failure(name)
    }
    return now
  }
}

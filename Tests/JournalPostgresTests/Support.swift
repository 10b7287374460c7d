import Journal
import JournalPostgres
import PostgresTesting
import PrimitiveKit

extension PostgresDatabase {
  /// A database in a new, empty schema of the shared server.
  static func fresh(limits: PostgresLimits = PostgresLimits()) async throws -> PostgresDatabase {
    try PostgresDatabase(url: try await PostgresServer.shared().newSchema(), limits: limits)
  }

  /// One statement in a transaction of its own.
  @discardableResult
  func run(_ statement: String, _ arguments: [DatabaseValue] = []) async throws(CallFailure) -> [[DatabaseValue]] {
    try await transaction { (session) throws(CallFailure) in try await session.query(statement, arguments) }
  }

  func read(_ statement: String, _ arguments: [DatabaseValue] = []) async throws(CallFailure) -> [[DatabaseValue]] {
    try await reading { (session) throws(CallFailure) in try await session.query(statement, arguments) }
  }
}

/// The failure that `body` throws; nil when it does not.
func failure(_ body: () async throws(CallFailure) -> Void) async -> CallFailure? {
  do throws(CallFailure) {
    try await body()
    return nil
  } catch {
    return error
  }
}

extension PostgresDatabase {
  /// Another connection to the schema of a database.
  static func same(_ database: PostgresDatabase, limits: PostgresLimits = PostgresLimits()) async throws
    -> PostgresDatabase
  {
    let schema = try await database.read("SELECT current_schema()").first?.first?.text
    return try PostgresDatabase(url: try await PostgresServer.shared().url(schema: schema), limits: limits)
  }
}

import PostgresClient
import PostgresTesting

extension PostgresConnection {
  /// A connection to a new, empty schema of the shared server.
  static func fresh() async throws -> PostgresConnection {
    let connection = PostgresConnection(address: try PostgresAddress(try await PostgresServer.shared().newSchema()))
    try await connection.open()
    return connection
  }

  @discardableResult
  func run(_ text: String, _ arguments: any PostgresEncodable...) async throws(PostgresError) -> PostgresResult {
    try await run(try PostgresQuery(text, arguments))
  }

  /// What `pg_stat_activity` shows of another connection's process: the state, and the statement it runs or ran last.
  func activity(of process: Int32) async throws(PostgresError) -> String? {
    let rows = try await run("SELECT state FROM pg_stat_activity WHERE pid = $1", process).rows
    return try rows.first?.read(0)
  }

  /// Waits until the server says that a process is in that state, or is gone.
  func wait(until state: String?, of process: Int32) async throws(PostgresError) {
    while try await activity(of: process) != state { await sleep(for: .milliseconds(5)) }
  }
}

/// The error that `body` throws; nil when it does not.
func problem(_ body: () async throws(PostgresError) -> Void) async -> PostgresError? {
  do throws(PostgresError) {
    try await body()
    return nil
  } catch {
    return error
  }
}

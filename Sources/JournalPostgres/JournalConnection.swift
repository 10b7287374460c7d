import EventLoop
import Journal
import PostgresClient
import Synchronization

/// The journal's one connection, and the outcome of the transaction on it.
///
/// Its statements are not cancelled with the task: how an operation ended must be recorded also in a task that was.
actor JournalConnection {
  private let connection: PostgresConnection
  /// The first refusal since the transaction began; later statements only say that it is aborted.
  private var fault: PostgresError?
  /// Numbers transactions, so that a session that outlives its own is refused.
  private var current = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }
  nonisolated var name: String { connection.address.name }

  init(_ address: PostgresAddress, password: PostgresConnection.PasswordSource? = nil) {
    connection = PostgresConnection(address: address, password: password)
  }

  var isOpen: Bool { get async { await connection.isOpen } }

  func open(within limit: Duration) async throws(PostgresError) {
    try await connection.open(within: limit, isCancellable: false)
  }

  /// Forgets the connection; the server rolls back what was not committed.
  func close() async { await connection.close() }

  func sleep(for delay: Duration) async { await connection.sleep(for: delay) }

  /// Forgets earlier faults and answers the number of the transaction that begins.
  func begin() -> Int {
    fault = nil
    current += 1
    return current
  }

  /// Refuses further statements of the transaction; answers its first fault.
  func end() -> PostgresError? {
    current += 1
    return fault
  }

  /// Runs one statement and answers its rows.
  func query(
    _ statement: String,
    _ values: [DatabaseValue],
    in transaction: Int,
    within limit: Duration
  ) async throws(PostgresError) -> [[DatabaseValue]] {
    guard transaction == current else {
      throw PostgresError(.misuse, "a statement was sent after its transaction had ended")
    }
    return try await noting { () async throws(PostgresError) in
      var arguments: [PostgresArgument] = []
      for value in values { arguments.append(try value.argument()) }
      var query = try PostgresQuery(statement, arguments, deadline: limit)
      query.isCancellable = false
      let rows = try await connection.run(query).rows
      return rows.map { row in row.columns.types.indices.map { DatabaseValue(row[$0]) } }
    }
  }

  /// Runs several statements; answers what the last one did.
  @discardableResult
  func execute(_ statements: String, within limit: Duration) async throws(PostgresError) -> String {
    try await noting { () async throws(PostgresError) in
      try await connection.script(statements, deadline: limit).tag
    }
  }

  private func noting<Answer>(
    _ body: () async throws(PostgresError) -> Answer
  ) async throws(PostgresError) -> Answer {
    do throws(PostgresError) {
      return try await body()
    } catch {
      if fault == nil { fault = error }
      throw error
    }
  }
}

/// Whether the server was ever reached: a wrong address is said at once, a restart of the server is waited for.
final class ConnectionHistory: Sendable {
  private let flag = Atomic(false)

  var hasConnected: Bool {
    get { flag.load(ordering: .acquiring) }
    set { flag.store(newValue, ordering: .releasing) }
  }
}

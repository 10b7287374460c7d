/// The rows of one statement as they come, in bounded memory: the server waits while nobody reads.
///
/// Leaving the loop early, or dropping the stream, cancels the statement on the server; the connection stays good.
package final class PostgresRowStream: AsyncSequence, Sendable {
  package typealias Element = PostgresRow
  package typealias Failure = PostgresError

  private let connection: PostgresConnection
  private let number: Int
  private let batch: Int
  private let limit: Duration

  init(connection: PostgresConnection, number: Int, batch: Int, limit: Duration) {
    self.connection = connection
    self.number = number
    self.batch = batch
    self.limit = limit
  }

  deinit {
    Task { [connection, number] in try? await connection.abandon(number) }
  }

  /// Up to `batch` rows; none at the end.
  package func next() async throws(PostgresError) -> PostgresRows {
    try await connection.pull(batch, of: number, within: limit)
  }

  /// Stops before the end and waits until the connection can be used again.
  package func cancel() async throws(PostgresError) { try await connection.abandon(number) }

  package func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

  package struct Iterator: AsyncIteratorProtocol {
    private let stream: PostgresRowStream
    private var rows: PostgresRows?
    private var index = 0
    private var isDone = false

    init(stream: PostgresRowStream) { self.stream = stream }

    package mutating func next() async throws(PostgresError) -> PostgresRow? {
      if isDone { return nil }
      if rows == nil || index == rows?.count {
        isDone = true
        let next = try await stream.next()
        if next.isEmpty { return nil }
        (rows, index, isDone) = (next, 0, false)
      }
      defer { index += 1 }
      return rows?[index]
    }
  }
}

extension PostgresConnection {
  /// Runs one statement whose rows are read while they come, `batch` at a time.
  ///
  /// `query.deadline` bounds each wait for rows, not the time between two looks at them.
  package func stream(_ query: PostgresQuery, batch: Int = 128) async throws(PostgresError) -> PostgresRowStream {
    let number = try await begin(query)
    return PostgresRowStream(connection: self, number: number, batch: max(1, batch), limit: query.deadline)
  }
}

/// A word that some session sent with NOTIFY.
package struct PostgresNotification: Sendable, Equatable {
  package let channel: String
  package let payload: String
  /// The server's process of the session that sent it.
  package let process: Int32
}

/// The notifications of some channels, on a connection of their own.
///
/// It ends with an error when the connection is lost: what was sent meanwhile is gone, so the reader looks again and
/// listens anew.
package struct PostgresNotifications: AsyncSequence, Sendable {
  package typealias Element = PostgresNotification
  package typealias Failure = PostgresError

  private let connection: PostgresConnection

  /// Connects and listens; words sent from now on are not missed.
  package init(
    _ channels: [String],
    of address: PostgresAddress,
    password: PostgresConnection.PasswordSource? = nil,
    within limit: Duration = .seconds(10)
  ) async throws(PostgresError) {
    connection = PostgresConnection(address: address, password: password)
    try await connection.open(within: limit)
    for channel in channels {
      let name = channel.replacing("\"", with: "\"\"")
      try await connection.run(try PostgresQuery("LISTEN \"\(name)\"", deadline: limit))
    }
  }

  package func makeAsyncIterator() -> Iterator { Iterator(connection: connection) }

  package struct Iterator: AsyncIteratorProtocol {
    let connection: PostgresConnection
    private var waiting: ArraySlice<PostgresNotification> = []

    init(connection: PostgresConnection) { self.connection = connection }

    /// The next word; throws `.cancelled` when the task is cancelled.
    package mutating func next() async throws(PostgresError) -> PostgresNotification? {
      while waiting.isEmpty { waiting = try await connection.nextNotifications()[...] }
      return waiting.popFirst()
    }
  }
}

import EventLoop

extension PostgresConnection {
  /// Sends a statement whose rows are read piece by piece; answers its number.
  func begin(_ query: PostgresQuery) async throws(PostgresError) -> Int {
    try await exclusively { () async throws(PostgresError) in
      try await prepare(query)
      number += 1
      self.query = .query(query, isStream: true)
      (rows, _) = (PostgresRows(), handle?.takenWarnings)
      deadlines.statement = .now + query.deadline
      _ = try await cancellable(query.isCancellable) { () async throws(PostgresError) in
        // One row first: errors of the statement itself come here and not at the first look.
        try await drive(.statement(StatementTraits(of: query.text, batch: 1)))
      }
      return number
    }
  }

  /// The next rows of a stream: at most `count`, none at its end.
  func pull(_ count: Int, of stream: Int, within limit: Duration) async throws(PostgresError) -> PostgresRows {
    guard stream == number else { throw .misuse("the connection is already running another statement") }
    return try await exclusively { () async throws(PostgresError) in
      guard machine.state == .paused else { return rows.take() }
      deadlines.statement = .now + limit
      let missing = count - rows.count
      if missing > 0 {
        _ = try await cancellable(true) { () async throws(PostgresError) in try await drive(.pull(missing)) }
      }
      return rows.take()
    }
  }

  /// Ends a stream that nobody reads: cancels the statement and drains what is on its way, so the connection stays good.
  func abandon(_ stream: Int) async throws(PostgresError) {
    guard stream == number, machine.state == .paused else { return }
    try await leave()
  }

  func leaveStream() async throws(PostgresError) {
    guard machine.state == .paused else { return }
    number += 1
    _ = rows.take()
    _ = try await drive(.abandon)
  }

  // MARK: Notifications

  /// Waits until notifications have come.
  func nextNotifications() async throws(PostgresError) -> [PostgresNotification] {
    try await exclusively { () async throws(PostgresError) in
      notifications = []
      _ = try await cancellable(true) { () async throws(PostgresError) in try await drive(.listen) }
      defer { notifications = [] }
      return notifications
    }
  }
}

import EventLoop

/// What is to be done next; its outcome is the next event.
enum ProtocolAction: Sendable, Equatable {
  // MARK: Moving bytes
  /// Begin to connect.
  case start
  case askPassword
  /// PQconnectPoll.
  case poll
  /// Find out what the server said since, above all that it has ended the connection.
  case look
  case send
  /// PQflush.
  case flush
  /// PQconsumeInput.
  case consume
  /// PQgetResult, unless it would block.
  case take
  /// PQnotifies until there are no more.
  case drain
  /// Tell the server to cancel, on a thread that may block.
  case cancel
  case wait(Readiness, until: Limit)

  // MARK: Answering the caller
  /// The connection stands.
  case opened
  /// Rows lie ready; the server waits until more are pulled.
  case pause
  /// The statement has ended, and the connection can take another.
  case finish(PostgresError?)
  /// The connection is of no use any more.
  case close(PostgresError)
  /// The caller asked for what cannot be done now; nothing has changed.
  case refuse(PostgresError)
  /// Notifications lie ready.
  case deliver

  /// How long a wait may take.
  enum Limit: Sendable, Equatable {
    case connect
    case statement
    /// What is left for the answer after a cancel.
    case grace
    case none
  }
}

import EventLoop

/// What the caller asked for, or what libpq answered.
enum ProtocolEvent: Sendable, Equatable {
  // MARK: From the caller
  case open
  case statement(StatementTraits)
  /// The reader of a stream wants so many rows more.
  case pull(Int)
  /// The reader of a stream wants no more rows.
  case abandon
  case listen
  /// Nobody wants the answer any more.
  case interrupted
  /// The connection is not wanted any more.
  case hungUp

  // MARK: From the one who moves the bytes
  /// Whether connecting has begun.
  case started(Bool)
  case polled(ConnectPoll)
  /// Whether there is a password now.
  case password(Bool)
  case looked(Liveness)
  case sent(Liveness)
  case flushed(Flush)
  case consumed(Liveness)
  case answer(Answer)
  /// So many notifications were found.
  case drained(Int)
  case ready
  case timeUp
  case cancelStarted
  /// The server was told to cancel; the text says why it could not be.
  case cancelSent(problem: String?)

  /// What PQconnectPoll answers.
  enum ConnectPoll: Sendable, Equatable {
    case reading
    case writing
    case done
    case failed(String, needsPassword: Bool)
  }

  /// Whether the connection still stands; the text says why not.
  enum Liveness: Sendable, Equatable {
    case alive
    case dead(String)
  }

  /// What PQflush answers.
  enum Flush: Sendable, Equatable {
    case done
    case blocked
    case failed(String)
  }

  /// What PQgetResult answers, or would if it did not block.
  enum Answer: Sendable, Equatable {
    case busy
    case rows(Int)
    case complete(tag: String)
    case error(PostgresError)
    /// COPY wants bytes or sends some, which is not spoken here.
    case copy
    case end(TransactionStatus, Liveness)
  }
}

/// Where a session stands between two statements (PQtransactionStatus).
package enum TransactionStatus: Sendable, Equatable {
  /// No transaction is open: each statement is one of its own.
  case idle
  /// Inside a transaction that can commit.
  case active
  /// Inside a transaction that can only be rolled back.
  case failed
  /// The connection is gone.
  case unknown
}

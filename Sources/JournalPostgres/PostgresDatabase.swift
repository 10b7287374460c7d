import EventLoop
import Foundations
package import Journal
package import PostgresClient
package import PrimitiveKit

/// A journal on a PostgreSQL server that several machines share.
///
/// One connection, one transaction at a time; writers of all processes take turns. A transaction of which nothing was
/// committed is tried again after a serialisation failure, a deadlock or a lost connection, so its body may run several
/// times. Works behind a pool that gives a connection for a transaction: nothing is left set on the session.
package struct PostgresDatabase: Database {
  private let connection: JournalConnection
  private let queue = TurnQueue()
  private let history = ConnectionHistory()
  private let limits: PostgresLimits

  /// The connections whose transactions the current task is inside of.
  @TaskLocal private static var entered: Set<ObjectIdentifier> = []

  /// Connects at the first use.
  package init(
    _ address: PostgresAddress,
    limits: PostgresLimits = PostgresLimits(),
    password: PostgresConnection.PasswordSource? = nil
  ) {
    connection = JournalConnection(address, password: password)
    self.limits = limits
  }

  /// The same for `postgres://user@host:port/name`; throws `journal.address` for what is none, without quoting it.
  package init(
    url: String,
    limits: PostgresLimits = PostgresLimits(),
    password: PostgresConnection.PasswordSource? = nil
  ) throws(CallFailure) {
    do throws(PostgresError) {
      self.init(try PostgresAddress(url), limits: limits, password: password)
    } catch {
      throw CallFailure(
        .invalid,
        code: "journal.address",
        message: "the address of the journal is not a PostgreSQL URL",
        hint: "write postgres://user@host:port/name; reserved characters in a password are written as %XX"
      )
    }
  }

  package var name: String { connection.name }

  /// See `Database`.
  ///
  /// A commit whose answer was lost throws `journal.unavailable` with a hint that it may have happened. Cancelling the
  /// task changes nothing: every wait is bounded by the limits.
  package func transaction<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await perform(TransactionText.writing(limits), body)
  }

  package func reading<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await perform(TransactionText.reading(limits), body)
  }

  package func obstacle() async -> CallFailure? {
    let found = try? await reading { (session) throws(CallFailure) in
      try await session.query(PostgresDatabase.readOnly, []).first?.first?.text
    }
    guard let reason = found ?? nil else { return nil }
    return CallFailure(
      .journal,
      .readOnly,
      code: "journal.read_only",
      message: "the journal \(name) cannot be written: \(reason)",
      hint: "reads still work; check the server and the role in the site's `journal`"
    )
  }

  private static let readOnly = """
    SELECT CASE WHEN pg_is_in_recovery() THEN 'this server is a standby'
      WHEN current_setting('default_transaction_read_only') = 'on' THEN 'it is set to read-only'
      WHEN NOT has_table_privilege('audit', 'INSERT') THEN 'its role may only read' END
    """

  /// Ends the connection; the next transaction opens another.
  package func close() async { await connection.close() }

  private func perform<Answer: Sendable>(
    _ opening: String,
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    var entered = PostgresDatabase.entered
    guard entered.insert(ObjectIdentifier(connection)).inserted else {
      // It would wait for itself.
      throw CallFailure(.journal, code: "journal.failed", message: "a transaction started inside another of \(name)")
    }
    await queue.enter()
    defer { queue.leave() }
    var attempt = 1
    while true {
      try await connect()
      let result = await PostgresDatabase.$entered.withValue(entered) { await once(opening, body) }
      switch result {
      case .done(let answer): return answer
      case .failed(let failure): throw failure
      case .again(let failure):
        guard attempt < limits.attempts else { throw failure }
      }
      attempt += 1
      // Writers that collided must not collide again: up to 25 ms more each time.
      await connection.sleep(for: .milliseconds(Int.random(in: 1...(25 * attempt))))
    }
  }

  /// How one try ended.
  private enum Attempt<Answer: Sendable>: Sendable {
    case done(Answer)
    case failed(CallFailure)
    /// Nothing was committed and it may succeed next time.
    case again(CallFailure)
  }

  private func once<Answer: Sendable>(
    _ opening: String,
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async -> Attempt<Answer> {
    let number = await connection.begin()
    do throws(PostgresError) {
      try await connection.execute(opening, within: limits.answer)
    } catch {
      return await abandon(error.failure(name))
    }
    let answer: Answer
    do throws(CallFailure) {
      let session = PostgresSession(connection: connection, transaction: number, limit: limits.answer, name: name)
      answer = try await body(session)
    } catch {
      return await abandon(error)
    }
    let tag: String
    do throws(PostgresError) {
      tag = try await connection.execute("COMMIT", within: limits.answer)
    } catch {
      if error.kind == .unknownOutcome { return .failed(unknownCommit(error.message)) }
      return await abandon(error.failure(name))
    }
    // After a refused statement the server answers COMMIT with a rollback.
    guard tag == "COMMIT" else {
      return await abandon(
        CallFailure(.journal, code: "journal.failed", message: "\(name): the transaction was rolled back")
      )
    }
    _ = await connection.end()
    return .done(answer)
  }

  // Rolls back, and says whether another try makes sense.
  private func abandon<Answer: Sendable>(_ failure: CallFailure) async -> Attempt<Answer> {
    let fault = await connection.end()
    if await connection.isOpen {
      do throws(PostgresError) {
        try await connection.execute("ROLLBACK", within: limits.answer)
      } catch {
        await connection.close()
      }
    }
    return fault?.isTransient == true ? .again(failure) : .failed(failure)
  }

  private func unknownCommit(_ reason: String) -> CallFailure {
    CallFailure(
      .journal,
      code: "journal.unavailable",
      message: "the connection to \(name) was lost while a record was committed: \(reason)",
      hint: "check `unresolved()` and `locks()` once the database answers: the record may or may not be there"
    )
  }

  /// Connects; one that stood before is given time to come back.
  private func connect() async throws(CallFailure) {
    if await connection.isOpen { return }
    let start = MonotonicTime.now
    var delay = Duration.milliseconds(50)
    while true {
      do throws(PostgresError) {
        try await connection.open(within: limits.connect)
        history.hasConnected = true
        return
      } catch {
        guard history.hasConnected, MonotonicTime.now - start < limits.reconnect else { throw error.failure(name) }
      }
      await connection.sleep(for: delay)
      delay = min(delay * 2, .seconds(1))
    }
  }
}

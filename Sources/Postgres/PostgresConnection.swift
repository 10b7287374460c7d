import CPostgres
import EventLoop
import Journal

/// One connection, pinned to an event loop, whose thread alone touches libpq's state.
///
/// It never blocks: it calls libpq until that wants more bytes, and goes on when the socket has some. One statement runs at
/// a time. A wait ends with the answer or the deadline and not with the task: a transaction is never torn by Ctrl-C.
actor PostgresConnection {
  nonisolated let address: PostgresAddress
  nonisolated let loop: EventLoop
  private var handle: PostgresHandle?
  private var isBusy = false
  private var pending: Pending?
  /// The first refusal since the transaction began; later statements only say that it is aborted.
  private var fault: PostgresFault?
  /// Numbers transactions, so that a session that outlives its own is refused.
  private var current = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  init(address: PostgresAddress, loop: EventLoop) {
    self.address = address
    self.loop = loop
  }

  var isOpen: Bool { handle != nil }

  /// Forgets the connection; the server rolls back what was not committed.
  func close() { handle = nil }

  /// Forgets earlier faults and answers the number of the transaction that begins.
  func begin() -> Int {
    fault = nil
    current += 1
    return current
  }

  /// Refuses further statements of the transaction; answers its first fault.
  func end() -> PostgresFault? {
    current += 1
    return fault
  }

  /// Connects, unless it is connected.
  func open(within limit: Duration) async throws(PostgresFault) {
    guard handle == nil else { return }
    let deadline = MonotonicTime.now + limit
    handle = PostgresHandle(address)
    // libpq says to act as if it had asked to write before the first poll.
    var wanted = PGRES_POLLING_WRITING
    while let raw = handle?.raw {
      switch wanted {
      case PGRES_POLLING_OK:
        PQsetnonblocking(raw, 1)
        return
      case PGRES_POLLING_READING, PGRES_POLLING_WRITING:
        if handle?.isBroken == true { throw lose() }
        guard await wait(for: wanted == PGRES_POLLING_READING ? .readable : .writable, until: deadline) else {
          throw lose("no answer within \(limit)")
        }
        wanted = PQconnectPoll(raw)
      default: throw lose()
      }
    }
    throw lose("no memory left")
  }

  /// Runs one statement and answers its rows.
  func query(
    _ statement: String,
    _ values: [DatabaseValue],
    in transaction: Int,
    within limit: Duration
  ) async throws(PostgresFault) -> [[DatabaseValue]] {
    guard transaction == current else { throw .invalid("a statement came after its transaction had ended") }
    // libpq takes texts that end with a zero byte and would send only the part before it.
    let texts = [statement] + values.compactMap(\.text)
    guard !texts.contains(where: { $0.utf8.contains(0) }) else { throw .invalid("a text with a zero byte in it") }
    return try await run(within: limit) { $0.send(statement, values.map(DatabaseArgument.init)) }.rows
  }

  /// Runs several statements; answers what the last one did.
  @discardableResult
  func execute(_ statements: String, within limit: Duration) async throws(PostgresFault) -> String {
    try await run(within: limit) { $0.send(statements) }.tag
  }

  private func run(within limit: Duration, _ send: (borrowing PostgresHandle) -> Bool) async throws(PostgresFault)
    -> (rows: [[DatabaseValue]], tag: String)
  {
    guard !isBusy else { throw .invalid("two statements at once in one transaction") }
    isBusy = true
    defer { isBusy = false }
    do throws(PostgresFault) {
      let deadline = MonotonicTime.now + limit
      guard handle != nil else { throw .dropped("the connection was closed") }
      try listen()
      guard handle?.carry(send) == true else { throw lose() }
      try await flush(until: deadline, limit)
      return try await collect(until: deadline, limit)
    } catch {
      if fault == nil { fault = error }
      throw error
    }
  }

  // Finds out what the server said since, above all that it has ended the connection. The first look may find the
  // server's last words, the second the end behind them.
  private func listen() throws(PostgresFault) {
    for _ in 0..<2 {
      guard let raw = handle?.raw, PQconsumeInput(raw) == 0 || handle?.isBroken == true else { continue }
      guard case .lost(let reason) = lose() else { return }
      throw .dropped(reason)
    }
  }

  private func flush(until deadline: MonotonicTime, _ limit: Duration) async throws(PostgresFault) {
    while let raw = handle?.raw {
      switch PQflush(raw) {
      case 0: return
      case 1:
        guard await wait(for: [.readable, .writable], until: deadline) else { throw lose("no answer within \(limit)") }
        // What the server says meanwhile must be read, or both sides wait for ever.
        guard PQconsumeInput(raw) == 1 else { throw lose() }
      default: throw lose()
      }
    }
  }

  private func collect(until deadline: MonotonicTime, _ limit: Duration) async throws(PostgresFault)
    -> (rows: [[DatabaseValue]], tag: String)
  {
    var rows: [[DatabaseValue]] = []
    var tag = ""
    var found: PostgresFault?
    while let raw = handle?.raw {
      while PQisBusy(raw) == 1 {
        guard await wait(for: .readable, until: deadline) else { throw lose("no answer within \(limit)") }
        // The server's last words may have come with the end.
        guard PQconsumeInput(raw) == 1 || PQisBusy(raw) == 0 else { throw lose() }
      }
      guard let result = PQgetResult(raw) else { break }
      let answer = PostgresAnswer(result)
      if found == nil { found = answer.fault }
      rows = answer.rows
      tag = answer.tag
    }
    if handle?.isBroken == true {
      guard case .refused(let state, let message)? = found else { throw lose() }
      let fault = lose(message)
      // idle_in_transaction_session_timeout strikes only before a statement has come.
      throw state == "25P03" ? .dropped(message) : fault
    }
    if let found { throw found }
    return (rows, tag)
  }

  // Closes what cannot be used any more.
  private func lose(_ reason: String? = nil) -> PostgresFault {
    let reason = reason ?? handle?.lastError ?? "the connection was closed"
    handle = nil
    return .lost(address.redacted(reason))
  }

  // MARK: Waiting

  private struct Pending {
    let continuation: CheckedContinuation<Bool, Never>
    let watch: LoopWatch
    let timer: LoopTimer
  }

  /// Waits for the socket; false when the time is up first.
  private func wait(for interest: Readiness, until deadline: MonotonicTime) async -> Bool {
    guard let socket = handle?.socket, socket >= 0 else { return false }
    return await withCheckedContinuation { continuation in
      let watch = loop.watch(socket, for: interest.union(.closed)) { [weak self] _ in
        self?.assumeIsolated { $0.finish(true) }
      }
      guard let watch else { return continuation.resume(returning: false) }
      let timer = loop.schedule(after: deadline - .now) { [weak self] in
        self?.assumeIsolated { $0.finish(false) }
      }
      pending = Pending(continuation: continuation, watch: watch, timer: timer)
    }
  }

  /// Waits, whether the task is cancelled or not.
  func sleep(for delay: Duration) async {
    await withCheckedContinuation { continuation in loop.schedule(after: delay) { continuation.resume() } }
  }

  private func finish(_ isReady: Bool) {
    guard let ended = pending else { return }
    pending = nil
    loop.remove(ended.watch)
    loop.cancel(ended.timer)
    ended.continuation.resume(returning: isReady)
  }
}

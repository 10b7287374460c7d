package import EventLoop

/// One connection, pinned to an event loop, whose thread alone touches libpq's state.
///
/// It never blocks: the machine says what to call, and this calls it. One statement at a time; another one meanwhile is
/// refused as a mistake of the program.
package actor PostgresConnection {
  package nonisolated let address: PostgresAddress
  package nonisolated let loop: EventLoop
  private let password: PasswordSource?
  private var given: String?

  var machine = ProtocolMachine()
  var handle: PostgresHandle?
  var signals: [ProtocolEvent] = []
  var pending: PendingWait?
  var deadlines = Deadlines()
  private var cancelKey: CancelKey?
  var query: Sending?
  var rows = PostgresRows()
  var notifications: [PostgresNotification] = []
  private var isBusy = false
  /// Tasks that wait until a stream that was left has ended; nil when none is ending.
  private var leaving: [CheckedContinuation<Void, Never>]?
  /// Numbers statements, so that a signal for one does not hit the next, and a stream that was left is refused.
  var number = 0
  /// What `statement_timeout` is for the open transaction, where it was set here.
  private var serverLimit: Duration?

  /// Answers the password when the server asks for one that neither URL, environment nor password file has.
  package typealias PasswordSource = @Sendable () async -> String?

  package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// The thread for connections that need none of their own: libpq looks names up and reads key files while it blocks.
  package static let sharedLoop = EventLoop(name: "opsh-postgres")

  /// Connects at `open`, and never by itself: what a lost session had set is gone.
  package init(
    address: PostgresAddress,
    loop: EventLoop = PostgresConnection.sharedLoop,
    password: PasswordSource? = nil
  ) {
    self.address = address
    self.loop = loop
    self.password = password
  }

  package var isOpen: Bool { handle != nil }
  /// Where the session stands; `.unknown` without a connection.
  package var transaction: TransactionStatus { machine.transaction }
  /// The server's process behind the connection (`pg_stat_activity.pid`).
  package var process: Int32? { handle?.process }
  /// Whether TLS protects it.
  package var isEncrypted: Bool { handle?.isEncrypted ?? false }

  /// Forgets the connection; the server rolls back what was not committed.
  ///
  /// A statement that runs meanwhile ends as if the connection had been lost.
  package func close() {
    if isBusy { return signal(.hungUp, for: number) }
    forget()
    machine = ProtocolMachine()
    number += 1
  }

  private func forget() {
    handle = nil
    cancelKey = nil
  }

  /// Connects, unless it is connected; throws `.unreachable`.
  package func open(
    within limit: Duration = .seconds(10),
    isCancellable: Bool = true
  ) async throws(PostgresError) {
    if handle != nil { return }
    try await exclusively { () async throws(PostgresError) in
      number += 1
      deadlines.connect = .now + limit
      _ = try await cancellable(isCancellable) { () async throws(PostgresError) in try await drive(.open) }
    }
  }

  /// Runs one statement and answers all of its rows.
  @discardableResult
  package func run(_ query: PostgresQuery) async throws(PostgresError) -> PostgresResult {
    try await exclusively { () async throws(PostgresError) in
      try await prepare(query)
      return try await carry(out: .query(query, isStream: false), StatementTraits(of: query.text), query)
    }
  }

  /// Runs several statements without arguments, in one transaction unless they say otherwise; answers the last one's rows.
  ///
  /// For texts of the program's own: this is the door through which a second statement fits.
  @discardableResult
  package func script(_ text: String, deadline: Duration = .seconds(35)) async throws(PostgresError) -> PostgresResult {
    var query = try PostgresQuery(text, deadline: deadline)
    query.isCancellable = false
    return try await exclusively { [query] () async throws(PostgresError) in
      try await carry(out: .script(text), StatementTraits(of: text), query)
    }
  }

  // MARK: One statement at a time

  enum Sending {
    case query(PostgresQuery, isStream: Bool)
    case script(String)
  }

  func exclusively<Answer>(
    _ body: () async throws(PostgresError) -> Answer
  ) async throws(PostgresError) -> Answer {
    // A stream that was dropped ends by itself, at a time that nobody chose: that is no mistake of whoever comes next.
    // Nothing is awaited between the look and the claim: a call, too, may let another job in on its way back.
    while leaving != nil { await withCheckedContinuation { leaving?.append($0) } }
    guard !isBusy else { throw .misuse("two statements at once on one connection") }
    isBusy = true
    defer { free() }
    return try await body()
  }

  /// Ends whatever stream is open; statements that come meanwhile wait.
  func leave() async throws(PostgresError) {
    while leaving != nil { await withCheckedContinuation { leaving?.append($0) } }
    guard !isBusy else { throw .misuse("two statements at once on one connection") }
    guard machine.state == .paused else { return }
    // Both at once: whoever finds the connection busy must find out why.
    (isBusy, leaving) = (true, [])
    defer { free() }
    try await leaveStream()
  }

  private func free() {
    isBusy = false
    for waiting in leaving ?? [] { waiting.resume() }
    leaving = nil
  }

  // What comes before a statement: the rest of a stream that was left, and the server's limit where it is another one.
  func prepare(_ query: PostgresQuery) async throws(PostgresError) {
    try await leaveStream()
    if machine.transaction != .active { serverLimit = nil }
    guard machine.transaction == .active, let limit = query.serverLimit, limit != serverLimit else { return }
    let setting = try PostgresQuery(
      "SELECT set_config('statement_timeout', $1, true)",
      [String(limit.serverLimit)],
      deadline: query.deadline
    )
    _ = try await carry(out: .query(setting, isStream: false), StatementTraits(), setting)
    serverLimit = limit
  }

  private func carry(
    out sending: Sending,
    _ traits: StatementTraits,
    _ query: PostgresQuery
  ) async throws(PostgresError) -> PostgresResult {
    try await leaveStream()
    number += 1
    self.query = sending
    (rows, _) = (PostgresRows(), handle?.takenWarnings)
    deadlines.statement = .now + query.deadline
    _ = try await cancellable(query.isCancellable) { () async throws(PostgresError) in
      try await drive(.statement(traits))
    }
    let warnings = handle?.takenWarnings ?? []
    return PostgresResult(rows: rows.take(), tag: machine.tag, transaction: machine.transaction, warnings: warnings)
  }

  // MARK: Moving bytes

  /// Does what the machine says until it answers the caller; throws its error.
  func drive(_ first: ProtocolEvent) async throws(PostgresError) -> ProtocolAction {
    signals = []
    var action = machine.received(first)
    while true {
      switch action {
      case .opened, .pause, .deliver, .finish(nil): return action
      case .finish(let error?), .refuse(let error): throw error.withMessage { address.redacted($0, given) }
      case .close(let error):
        forget()
        throw error.withMessage { address.redacted($0, given) }
      default: action = machine.received(await perform(action))
      }
    }
  }

  private func perform(_ action: ProtocolAction) async -> ProtocolEvent {
    switch action {
    case .wait(let interest, let limit): return await wait(for: interest, until: deadlines[limit])
    case .start:
      handle = PostgresHandle(address, password: given)
      return .started(handle != nil)
    case .askPassword:
      given = await password?()
      return .password(given != nil)
    case .cancel:
      deadlines.grace = .now + Deadlines.afterCancel
      sendCancel()
      return .cancelStarted
    case .drain:
      notifications += handle?.carry { $0.drain() } ?? []
      return .drained(notifications.count)
    default: return step(action)
    }
  }

  private func step(_ action: ProtocolAction) -> ProtocolEvent {
    let gone = ProtocolEvent.Liveness.dead("the connection was closed")
    switch action {
    case .poll:
      let found = handle?.carry { $0.poll() } ?? .failed("the connection was closed", needsPassword: false)
      if found == .done { cancelKey = handle?.carry { CancelKey($0.raw) } }
      return .polled(found)
    case .look: return .looked(handle?.carry { $0.look() } ?? gone)
    case .send: return .sent(handle?.carry(send) ?? gone)
    case .flush: return .flushed(handle?.carry { $0.flush() } ?? .failed("the connection was closed"))
    case .consume: return .consumed(handle?.carry { $0.consume() } ?? gone)
    default:
      let reading: PostgresAnswer.Reading = machine.isDiscarding ? .nothing : isStream ? .rows : .result
      return .answer(handle?.take(into: &rows, reading) ?? .end(.unknown, gone))
    }
  }

  private var isStream: Bool { if case .query(_, isStream: true) = query { true } else { false } }

  private func send(_ handle: borrowing PostgresHandle) -> ProtocolEvent.Liveness {
    switch query {
    case .query(let query, let isStream): handle.send(query.text, query.arguments, isStream: isStream)
    case .script(let text): handle.send(text)
    case nil: .dead("there was nothing to send")
    }
  }

  // MARK: Stopping

  /// Runs `body`, and has a cancelled task stop the statement on the server.
  func cancellable<Answer>(
    _ isCancellable: Bool,
    _ body: () async throws(PostgresError) -> Answer
  ) async throws(PostgresError) -> Answer {
    guard isCancellable else { return try await body() }
    if Task.isCancelled { throw .cancelled("it was cancelled before anything was sent") }
    let current = number
    let result = await withTaskCancellationHandler {
      do throws(PostgresError) { return Result<Answer, PostgresError>.success(try await body()) } catch {
        return .failure(error)
      }
    } onCancel: {
      loop.schedule(after: .zero) { [weak self] in
        self?.assumeIsolated { $0.signal(.interrupted, for: current) }
      }
    }
    return try result.get()
  }

  private func sendCancel() {
    let current = number
    guard let cancelKey else { return signals.append(.cancelSent(problem: "the connection was closed")) }
    cancelKey.send { [weak self, loop] problem in
      loop.schedule(after: .zero) { [weak self] in
        self?.assumeIsolated { $0.signal(.cancelSent(problem: problem), for: current) }
      }
    }
  }

  private func signal(_ event: ProtocolEvent, for number: Int) {
    guard number == self.number, isBusy else { return }
    if !finish(event) { signals.append(event) }
  }
}

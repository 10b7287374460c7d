import CSSH2
import EventLoop
import Foundations
import Glibc
import Synchronization

/// One authenticated connection, pinned to an event loop.
///
/// Its state is touched by the loop's thread alone, which is what libssh2 asks of a session. Every operation is a *turn*:
/// it calls libssh2 until that wants more bytes, pauses, and continues when some have come. All turns share the socket, and
/// one may have read what another waits for, so bytes wake all of them.
actor SSHConnection {
  nonisolated let endpoint: SSHEndpoint
  nonisolated let loop: EventLoop
  let session: Session
  /// Given back with the socket.
  private let place: Places.Place
  private let broken = Atomic(false)
  private let keepAlive: Duration

  private var turns: [UInt64: Turn] = [:]
  private var lastTurn: UInt64 = 0
  private var watch: LoopWatch?
  private var watched: Readiness = [.readable, .closed]
  private var lifeTimer: LoopTimer?
  private var silence = Silence()
  // A finished channel that is kept: reading it makes libssh2 handle what the server sends while nothing runs.
  private var ear: Channel?
  var isOpening = false
  /// How long a new channel may be without an answer.
  let patience: Duration

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// Nil when there is no memory for a session.
  init?(
    socket: consuming Descriptor,
    endpoint: SSHEndpoint,
    loop: EventLoop,
    patience: Duration,
    keepAlive: Duration,
    place: Places.Place
  ) {
    guard let session = Session(wire: Wire(socket: socket)) else { return nil }
    self.session = session
    self.place = place
    self.endpoint = endpoint
    self.loop = loop
    self.patience = patience
    self.keepAlive = keepAlive
  }

  /// Whether it can no longer be used; may be asked from anywhere.
  nonisolated var isBroken: Bool { broken.load(ordering: .acquiring) }

  /// Begins to listen to the socket; throws what keeps this machine from it.
  func start() throws(LoginFailure) {
    watch = loop.watch(session.wire.socket.number, for: watched) { [weak self] readiness in
      self?.assumeIsolated { $0.handle(readiness) }
    }
    if watch == nil {
      let fault = LocalFault(errno)
      end("the connection cannot be polled")
      if let fault { throw .final(.local(endpoint, fault)) }
    }
    scheduleLife()
  }

  /// Says goodbye and closes; what still runs is lost.
  func close(_ reason: String = "closed") {
    if session.wire.end == nil {
      session.disconnect()
      session.wire.flush()
    }
    end(reason)
  }

  /// Keeps a channel that both sides have closed as the ear; the one before is freed.
  func retire(_ channel: Channel) {
    if let ear { _ = ear.free() }
    ear = channel
  }

  // MARK: Turns

  /// One operation that may have to wait.
  private struct Turn {
    var interruption: Interruption?
    var continuation: CheckedContinuation<Void, Never>?
    var timer: LoopTimer?
  }

  /// Why an operation stopped waiting.
  enum Interruption: Error {
    case timedOut
    case cancelled
    case lost(String)
  }

  /// Begins an operation; `endTurn` must follow.
  func beginTurn(timeout: Duration?) -> UInt64 {
    lastTurn += 1
    let id = lastTurn
    var turn = Turn()
    if let timeout {
      turn.timer = loop.schedule(after: timeout) { [weak self] in
        self?.assumeIsolated { $0.interrupt(id, .timedOut) }
      }
    }
    turns[id] = turn
    return id
  }

  func endTurn(_ id: UInt64) {
    if let timer = turns.removeValue(forKey: id)?.timer { loop.cancel(timer) }
    flush()
  }

  /// Stops a turn at its next pause; from any thread.
  nonisolated func cancelTurn(_ id: UInt64) {
    loop.schedule(after: .zero) { [weak self] in
      self?.assumeIsolated { $0.interrupt(id, .cancelled) }
    }
  }

  private func interrupt(_ id: UInt64, _ reason: Interruption) {
    guard turns[id] != nil, turns[id]?.interruption == nil else { return }
    turns[id]?.interruption = reason
    wake(id)
  }

  /// Calls `step` until it no longer asks to come back.
  func drive(_ turn: UInt64, _ step: () -> Int32) async throws(Interruption) -> Int32 {
    while true {
      let code = step()
      if code != LIBSSH2_ERROR_EAGAIN { return code }
      try await pause(turn)
    }
  }

  /// Sends what waits and sleeps until bytes have come or gone, or the turn is stopped.
  func pause(_ id: UInt64) async throws(Interruption) {
    try checkTurn(id)
    flush()
    if let reason = session.wire.end, isBroken { throw .lost(reason) }
    await withCheckedContinuation { turns[id]?.continuation = $0 }
    try checkTurn(id)
  }

  /// Throws when the turn was stopped.
  func checkTurn(_ id: UInt64) throws(Interruption) {
    if let interruption = turns[id]?.interruption { throw interruption }
  }

  private func wake(_ id: UInt64) {
    guard let continuation = turns[id]?.continuation else { return }
    turns[id]?.continuation = nil
    continuation.resume()
  }

  /// Lets all turns look again.
  func wakeAll() {
    for id in turns.keys { wake(id) }
  }

  // MARK: The socket

  private func handle(_ readiness: Readiness) {
    let wire = session.wire
    if readiness != .writable { wire.fill() }
    if readiness.contains(.writable) { wire.flush() }
    if turns.isEmpty { listen() }
    if let reason = wire.end {
      end(reason)
    } else if turns.isEmpty, wire.isFull {
      end("unexpected data from the host")
    } else {
      updateInterest()
    }
    wakeAll()
  }

  private func listen() {
    guard let ear else { return }
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { _ = ear.read(.stdout, into: $0) }
    session.wire.flush()
  }

  private func flush() {
    guard session.wire.hasOutgoing else { return }
    session.wire.flush()
    if let reason = session.wire.end { end(reason) } else { updateInterest() }
  }

  private func updateInterest() {
    guard let watch else { return }
    let wanted: Readiness = session.wire.hasOutgoing ? [.readable, .writable, .closed] : [.readable, .closed]
    if wanted != watched {
      watched = wanted
      loop.update(watch, for: wanted)
    }
  }

  // What was received before the end can still be read; only then the turns find the connection lost.
  private func end(_ reason: String) {
    guard !broken.exchange(true, ordering: .acquiringAndReleasing) else { return }
    session.wire.shut(reason)
    if let watch { loop.remove(watch) }
    watch = nil
    if let lifeTimer { loop.cancel(lifeTimer) }
    lifeTimer = nil
    wakeAll()
  }

  // MARK: Signs of life

  private struct Silence {
    var received = 0
    var unanswered = 0
  }

  /// Ends the connection unless something is received before `patience` is over.
  func expectAnswer() -> LoopTimer {
    let received = session.wire.received
    return loop.schedule(after: patience) { [weak self] in
      self?.assumeIsolated { connection in
        guard connection.session.wire.received == received else { return }
        connection.end("no answer within \(connection.patience.limit)")
      }
    }
  }

  private func scheduleLife() {
    guard !isBroken else { return }
    // libssh2 counts in whole seconds and sends at most one every two.
    lifeTimer = loop.schedule(after: max(keepAlive, .seconds(2))) { [weak self] in
      self?.assumeIsolated { $0.checkLife() }
    }
  }

  private func checkLife() {
    let received = session.wire.received
    silence.unanswered = received == silence.received ? silence.unanswered + 1 : 0
    silence.received = received
    if silence.unanswered > 3 { return end("no reply to keep-alives for \((keepAlive * 3).limit)") }
    session.askForLife()
    flush()
    scheduleLife()
  }
}

import EventLoop
import Journal
import PrimitiveKit

/// One connection on a thread of its own, so that waiting for a disk or a lock holds nobody else up.
///
/// Transactions queue: an actor alone would let a second one begin wherever the first awaits something.
actor SQLiteConnection {
  private let thread: EventLoop
  private var handle: SQLiteHandle?
  private let path: String
  private let now: @Sendable () -> Int64
  private let damage: SQLiteDamage
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []
  /// Numbers transactions, so that a session that outlives its own is refused.
  private var current = 0
  /// The connections whose transactions the current task is inside of.
  @TaskLocal private static var entered: Set<ObjectIdentifier> = []

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(path: String, name: String, damage: SQLiteDamage, now: @escaping @Sendable () -> Int64) {
    self.path = path
    self.damage = damage
    self.now = now
    thread = EventLoop(name: name)
  }

  deinit { thread.stop() }

  /// Opens the file and runs `settings` on it; throws `journal.*` and leaves nothing open then.
  func open(_ access: SQLiteAccess, settings: [String]) async throws(CallFailure) {
    await enter()
    defer { leave() }
    try connect(access, settings: settings)
  }

  /// Lets the file go and has `body` open it again, while every transaction waits.
  func replace(
    _ body: @Sendable (isolated SQLiteConnection) async throws(CallFailure) -> Void
  ) async throws(CallFailure) {
    await enter()
    defer { leave() }
    handle = nil
    try await body(self)
  }

  /// Opens the file like `open`; for the body of `replace`.
  func connect(_ access: SQLiteAccess, settings: [String]) throws(CallFailure) {
    handle = nil
    var handle = try SQLiteHandle(path: path, access: access)
    for setting in settings { try handle.query(setting) }
    self.handle = consume handle
  }

  /// Whether there is a file to read.
  var isOpen: Bool { handle != nil }

  /// Lets the file go; later transactions fail.
  func close() async {
    await enter()
    handle = nil
    leave()
  }

  /// Runs `body` in a transaction that reads only.
  func reading<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    // There is nothing to commit, and COMMIT fails once a damaged page was met, which would take the rest away.
    try await transaction("BEGIN", commits: false, body)
  }

  /// Runs `body` in a transaction that excludes other writers; rolls back what throws.
  ///
  /// The calling task being cancelled changes nothing here: what is begun ends, one way or the other.
  func writing<Answer: Sendable>(
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    try await transaction("BEGIN IMMEDIATE", commits: true, body)
  }

  private func transaction<Answer: Sendable>(
    _ begin: String,
    commits: Bool,
    _ body: @Sendable (any DatabaseSession) async throws(CallFailure) -> Answer
  ) async throws(CallFailure) -> Answer {
    var entered = SQLiteConnection.entered
    guard entered.insert(ObjectIdentifier(self)).inserted else {
      // It would wait for itself.
      throw CallFailure(.journal, code: "journal.failed", message: "a transaction began inside another of \(path)")
    }
    await enter()
    defer { leave() }
    try refuseMoved()
    current += 1
    let session = SQLiteSession(connection: self, transaction: current, now: now)
    try execute(begin)
    do throws(CallFailure) {
      let answer = try await SQLiteConnection.$entered.withValue(entered) {
        do throws(CallFailure) {
          return Result<Answer, CallFailure>.success(try await body(session))
        } catch {
          return .failure(error)
        }
      }.get()
      current += 1
      if commits { try execute("COMMIT") } else { rollBack() }
      return answer
    } catch {
      current += 1
      rollBack()
      throw error
    }
  }

  // Some failures have rolled back already (sqlite.org/lang_transaction.html).
  private func rollBack() {
    if handle?.isInTransaction == true { _ = try? execute("ROLLBACK") }
  }

  /// Runs one statement of the transaction with that number.
  func query(
    _ statement: String,
    _ arguments: [DatabaseValue],
    in transaction: Int
  ) throws(CallFailure) -> [[DatabaseValue]] {
    guard transaction == current else {
      throw CallFailure(.journal, code: "journal.failed", message: "a statement came after its transaction had ended")
    }
    return try execute(statement, arguments)
  }

  @discardableResult
  func execute(_ statement: String, _ arguments: [DatabaseValue] = []) throws(CallFailure) -> [[DatabaseValue]] {
    do throws(CallFailure) {
      guard let rows = try handle?.query(statement, arguments) else {
        throw CallFailure(.journal, code: "journal.unavailable", message: "the journal \(path) is closed")
      }
      return rows
    } catch {
      damage.note(error)
      throw error
    }
  }

  private func refuseMoved() throws(CallFailure) {
    if handle?.hasMoved == true { throw SQLiteFailure.moved(path) }
  }

  private func enter() async {
    if !isBusy {
      isBusy = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  private func leave() {
    // Whoever waits longest goes next; the door stays shut for everybody else.
    if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
  }
}

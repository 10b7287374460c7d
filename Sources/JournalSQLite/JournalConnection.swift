import Foundations
import Journal
import PrimitiveKit
import SQLite

/// One connection of a journal, whose transactions queue: an actor alone would let a second one begin wherever the first
/// awaits something.
///
/// It runs on the thread of its client, so a statement is no change of thread.
actor JournalConnection {
  private let client: SQLiteConnection
  private let path: String
  private let now: @Sendable () -> Int64
  private let damage: SQLiteDamage
  private let turns = TurnQueue()
  /// Numbers transactions, so that a session that outlives its own is refused.
  private var current = 0
  /// The connections whose transactions the current task is inside of.
  @TaskLocal private static var entered: Set<ObjectIdentifier> = []

  nonisolated var unownedExecutor: UnownedSerialExecutor { client.unownedExecutor }

  init(path: String, name: String, damage: SQLiteDamage, now: @escaping @Sendable () -> Int64) {
    self.path = path
    self.damage = damage
    self.now = now
    client = SQLiteConnection(path: path, name: name)
  }

  /// Opens the file and runs `settings` on it; throws `journal.*` and leaves nothing open then.
  func open(_ access: SQLiteAccess, settings: [String]) async throws(CallFailure) {
    await turns.enter()
    defer { turns.leave() }
    try await connect(access, settings: settings)
  }

  /// Lets the file go and has `body` open it again, while every transaction waits.
  func replace(
    _ body: @Sendable (isolated JournalConnection) async throws(CallFailure) -> Void
  ) async throws(CallFailure) {
    await turns.enter()
    defer { turns.leave() }
    await client.close()
    try await body(self)
  }

  /// Opens the file like `open`; for the body of `replace`.
  func connect(_ access: SQLiteAccess, settings: [String]) async throws(CallFailure) {
    do throws(SQLiteError) {
      try await client.open(access, busyTimeout: .seconds(10), settings: settings)
    } catch {
      throw SQLiteFailure.of(error)
    }
  }

  /// Whether there is a file to read.
  var isOpen: Bool { get async { await client.isOpen } }

  /// Lets the file go; later transactions fail.
  func close() async {
    await turns.enter()
    await client.close()
    turns.leave()
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
    var entered = JournalConnection.entered
    guard entered.insert(ObjectIdentifier(self)).inserted else {
      // It would wait for itself.
      throw CallFailure(.journal, code: "journal.failed", message: "a transaction started inside another of \(path)")
    }
    await turns.enter()
    defer { turns.leave() }
    try await refuseMoved()
    current += 1
    let session = SQLiteSession(connection: self, transaction: current, now: now)
    try await execute(begin)
    do throws(CallFailure) {
      let answer = try await JournalConnection.$entered.withValue(entered) {
        do throws(CallFailure) {
          return Result<Answer, CallFailure>.success(try await body(session))
        } catch {
          return .failure(error)
        }
      }.get()
      current += 1
      if commits { try await execute("COMMIT") } else { await rollBack() }
      return answer
    } catch {
      current += 1
      await rollBack()
      throw error
    }
  }

  // Some failures have rolled back already (sqlite.org/lang_transaction.html).
  private func rollBack() async {
    if await client.isInTransaction { _ = try? await execute("ROLLBACK") }
  }

  /// Runs one statement of the transaction with that number.
  func query(
    _ statement: String,
    _ arguments: [DatabaseValue],
    in transaction: Int
  ) async throws(CallFailure) -> [[DatabaseValue]] {
    guard transaction == current else {
      throw CallFailure(
        .journal,
        code: "journal.failed",
        message: "a statement was sent after its transaction had ended"
      )
    }
    return try await execute(statement, arguments)
  }

  @discardableResult
  func execute(
    _ statement: String,
    _ arguments: [DatabaseValue] = []
  ) async throws(CallFailure) -> [[DatabaseValue]] {
    do throws(SQLiteError) {
      let result = try await client.run(statement, arguments.map(\.stored))
      return result.rows.map { $0.map(DatabaseValue.init) }
    } catch {
      let failure = SQLiteFailure.of(error)
      damage.note(failure)
      throw failure
    }
  }

  private func refuseMoved() async throws(CallFailure) {
    if await client.hasMoved { throw SQLiteFailure.moved(path) }
  }
}

extension DatabaseValue {
  fileprivate var stored: SQLiteValue {
    switch self {
    case .null: .null
    case .int(let int): .int(int)
    case .text(let text): .text(text)
    }
  }

  // The journal's columns hold texts and whole numbers; whatever else a tool put there is read as text.
  fileprivate init(_ value: SQLiteValue) {
    switch value {
    case .null: self = .null
    case .int(let int): self = .int(int)
    case .real(let real): self = .text("\(real)")
    case .text(let text): self = .text(text)
    case .blob(let bytes): self = .text(String(decoding: bytes, as: UTF8.self))
    }
  }
}

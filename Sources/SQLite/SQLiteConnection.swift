import EventLoop
import Synchronization

/// One connection on a thread of its own, so that waiting for a disk or a lock holds nobody else up.
package actor SQLiteConnection {
  package nonisolated let path: String
  private let thread: EventLoop
  private let interrupter = Interrupter()
  private var handle: SQLiteHandle?

  package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// `name` is what `ps -L` shows.
  package init(path: String, name: String = "sqlite") {
    self.path = path
    thread = EventLoop(name: name, watches: false)
  }

  deinit { thread.stop() }

  /// Opens the file, anew when it is open, and runs `settings` on it; leaves nothing open when it throws.
  ///
  /// `busyTimeout` is how long a statement waits for another connection's lock.
  package func open(
    _ access: SQLiteAccess,
    busyTimeout: Duration = .seconds(5),
    settings: [String] = []
  ) throws(SQLiteError) {
    close()
    var handle = try SQLiteHandle(path: path, access: access)
    handle.setBusyTimeout(busyTimeout)
    for setting in settings { _ = try handle.run(setting, []) }
    interrupter.use(handle.raw)
    self.handle = consume handle
  }

  package var isOpen: Bool { handle != nil }
  /// Whether a transaction is open.
  package var isInTransaction: Bool { handle?.isInTransaction ?? false }
  /// Whether the file was moved or removed since it was opened.
  package var hasMoved: Bool { handle?.hasMoved ?? false }
  /// Rows that the last statement changed.
  package var changes: Int { handle?.changes ?? 0 }

  /// Closes the file; later statements throw `.closed`.
  package func close() {
    interrupter.use(nil)
    handle = nil
  }

  /// Runs one statement; `$1`, `$2`, … name its arguments.
  ///
  /// Cancelling the task changes nothing; `interrupt` stops it.
  @discardableResult
  package func run(_ statement: String, _ arguments: [SQLiteValue] = []) throws(SQLiteError) -> SQLiteResult {
    var rows: [[SQLiteValue]] = []
    let columns = try each(statement, arguments) { rows.append($0) }
    return SQLiteResult(columns: columns, rows: rows)
  }

  /// Hands the rows to `body` one by one, so that a large answer is never held; answers the names of the columns.
  @discardableResult
  package func each(
    _ statement: String,
    _ arguments: [SQLiteValue] = [],
    _ body: ([SQLiteValue]) -> Void
  ) throws(SQLiteError) -> [String] {
    interrupter.begin()
    defer { interrupter.end() }
    guard let columns = try handle?.run(statement, arguments, body) else { throw .closed(path) }
    return columns
  }

  /// Runs one statement that is stopped when the task is cancelled; it throws `.interrupted` then.
  package nonisolated func runCancellably(
    _ statement: String,
    _ arguments: [SQLiteValue] = []
  ) async throws(SQLiteError) -> SQLiteResult {
    let asked = Interruption(interrupter)
    let result = await withTaskCancellationHandler {
      await asked.run(on: self, statement, arguments)
    } onCancel: {
      asked.cancel()
    }
    return try result.get()
  }

  /// Stops the statement that runs now, from any thread; it throws `.interrupted`.
  package nonisolated func interrupt() { interrupter.interrupt() }

  // MARK: Backup

  /// Copies the database to a file while others read and write it; the copy is one state of it (sqlite.org/backup.html).
  ///
  /// `pages` are copied at a time, so that statements get in between. A write of another connection makes it begin again;
  /// after `limit` it throws `.locked`. What is at `destination` is replaced once the copy is whole.
  package func backup(
    to destination: String,
    pages: Int32 = 256,
    within limit: Duration = .seconds(60)
  ) async throws(SQLiteError) {
    let deadline = MonotonicTime.now + limit
    guard handle != nil else { throw .closed(path) }
    var copy: SQLiteBackup? = try handle?.carry { (handle) throws(SQLiteError) in
      try SQLiteBackup(of: handle, to: destination)
    }
    while true {
      guard handle != nil else { throw .closed(path) }
      switch try copy?.step(pages) {
      case .done?, nil:
        copy = nil
        return
      case .more?: await Task.yield()
      case .busy?:
        if MonotonicTime.now > deadline { throw SQLiteError.locked(path) }
        await thread.sleep(for: .milliseconds(20))
      }
    }
  }
}

/// A statement that a task waits for.
private final class Interruption: Sendable {
  private let interrupter: Interrupter
  private let state = Mutex<(number: UInt64?, isCancelled: Bool)>((nil, false))

  init(_ interrupter: Interrupter) { self.interrupter = interrupter }

  func cancel() {
    let number = state.withLock { state in
      state.isCancelled = true
      return state.number
    }
    if let number { interrupter.interrupt(number) }
  }

  func run(
    on connection: isolated SQLiteConnection,
    _ statement: String,
    _ arguments: [SQLiteValue]
  ) -> Result<SQLiteResult, SQLiteError> {
    let isCancelled = state.withLock { state in
      state.number = interrupter.next
      return state.isCancelled
    }
    if isCancelled { return .failure(.interrupted(connection.path)) }
    return Result { () throws(SQLiteError) in try connection.run(statement, arguments) }
  }
}

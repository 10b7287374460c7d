import CSQLite
import Synchronization

/// Stops a statement from any thread, and only the one that is meant.
final class Interrupter: Sendable {
  private struct State {
    // The address of the connection; a number, since the lock is what makes it safe to use.
    var connection: UInt?
    var statement: UInt64 = 0
    var isRunning = false
  }

  private let state = Mutex(State())

  /// The connection that statements run on from now on; nil before it is closed.
  func use(_ connection: OpaquePointer?) {
    state.withLock { $0.connection = connection.map { UInt(bitPattern: $0) } }
  }

  /// The number of the next statement.
  var next: UInt64 { state.withLock { $0.statement + 1 } }

  /// A statement begins.
  func begin() {
    state.withLock { state in
      state.statement += 1
      state.isRunning = true
    }
  }

  func end() { state.withLock { $0.isRunning = false } }

  /// Stops what runs, or, with a number, that statement alone.
  func interrupt(_ statement: UInt64? = nil) {
    state.withLock { state in
      guard state.isRunning, statement == nil || statement == state.statement else { return }
      // Safe from any thread while the connection is not closed (sqlite.org/c3ref/interrupt.html); the lock sees to that.
      if let raw = state.connection.flatMap({ OpaquePointer(bitPattern: $0) }) { sqlite3_interrupt(raw) }
    }
  }
}

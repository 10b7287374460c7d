import Synchronization

/// A few connections to one server that many tasks share: first come, first served, never more than the limit.
package final class PostgresPool: Sendable {
  package let address: PostgresAddress
  package let limit: Int
  private let password: PostgresConnection.PasswordSource?
  private let state = Mutex(State())

  private struct State {
    var idle: [PostgresConnection] = []
    var lent = 0
    var waiting: [Waiting] = []
    var lastTicket = 0
  }

  private struct Waiting {
    let ticket: Int
    let continuation: CheckedContinuation<Lent, Never>
  }

  private enum Lent: Sendable {
    case connection(PostgresConnection)
    case new
    case cancelled
  }

  /// Connects when a connection is first asked for.
  package init(_ address: PostgresAddress, limit: Int = 4, password: PostgresConnection.PasswordSource? = nil) {
    self.address = address
    self.limit = max(1, limit)
    self.password = password
  }

  /// Lends a connection to `body`, and takes it back however that ends.
  ///
  /// Throws what `body` throws, `.unreachable`, and `.cancelled` for a task that was cancelled while it waited its turn.
  package func withConnection<Answer>(
    within limit: Duration = .seconds(10),
    _ body: (PostgresConnection) async throws(PostgresError) -> Answer
  ) async throws(PostgresError) -> Answer {
    let connection = try await borrow()
    do throws(PostgresError) {
      try await connection.open(within: limit)
      let answer = try await body(connection)
      await giveBack(connection)
      return answer
    } catch {
      await giveBack(connection)
      throw error
    }
  }

  /// Connections that are lent, that lie idle, and tasks that wait.
  package var census: (lent: Int, idle: Int, waiting: Int) {
    state.withLock { ($0.lent, $0.idle.count, $0.waiting.count) }
  }

  /// Closes the idle ones; the lent ones are closed when they come back.
  package func close() async {
    for connection in state.withLock({ state in
      defer { state.idle = [] }
      return state.idle
    }) { await connection.close() }
  }

  private func borrow() async throws(PostgresError) -> PostgresConnection {
    let ticket = state.withLock { state in
      state.lastTicket += 1
      return state.lastTicket
    }
    let lent = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let now = state.withLock { lend(&$0, ticket, continuation) }
        if let now { continuation.resume(returning: now) }
      }
    } onCancel: {
      let left = state.withLock { state in
        state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0) }
      }
      left?.continuation.resume(returning: .cancelled)
    }
    switch lent {
    case .connection(let connection): return connection
    case .new: return PostgresConnection(address: address, password: password)
    case .cancelled: throw .cancelled("it was cancelled while it waited for a connection")
    }
  }

  // What can be lent at once; nil puts the task into the queue.
  private func lend(
    _ state: inout State,
    _ ticket: Int,
    _ continuation: CheckedContinuation<Lent, Never>
  ) -> Lent? {
    if Task.isCancelled { return .cancelled }
    // Whoever waits longest goes first, also when a connection has just come back.
    guard state.waiting.isEmpty, state.lent < limit else {
      state.waiting.append(Waiting(ticket: ticket, continuation: continuation))
      return nil
    }
    state.lent += 1
    return state.idle.popLast().map { .connection($0) } ?? .new
  }

  private func giveBack(_ connection: PostgresConnection) async {
    let isGood = await connection.settle()
    let next = state.withLock { state -> Waiting? in
      if !state.waiting.isEmpty { return state.waiting.removeFirst() }
      state.lent -= 1
      if isGood { state.idle.append(connection) }
      return nil
    }
    next?.continuation.resume(returning: isGood ? .connection(connection) : .new)
  }
}

extension PostgresConnection {
  /// Leaves nothing open behind a borrower, no stream and no transaction; false when the connection is of no use any more.
  func settle() async -> Bool {
    do throws(PostgresError) {
      try await leave()
      if transaction != .idle { try await script("ROLLBACK", deadline: .seconds(5)) }
      if transaction == .idle { return true }
    } catch {}
    close()
    return false
  }
}

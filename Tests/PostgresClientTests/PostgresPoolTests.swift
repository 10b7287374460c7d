import PostgresClient
import PostgresTesting
import Synchronization
import Testing

struct PostgresPoolTests {
  private func pool(limit: Int) async throws -> PostgresPool {
    PostgresPool(try PostgresAddress(try await PostgresServer.shared().newSchema()), limit: limit)
  }

  @Test func `never more connections than the limit`() async throws {
    let pool = try await pool(limit: 3)
    let most = Most()
    try await withThrowingTaskGroup { group in
      for _ in 0..<30 {
        group.addTask {
          try await pool.withConnection { (connection) async throws(PostgresError) in
            most.enter()
            try await connection.run("SELECT pg_sleep(0.005)")
            most.leave()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(most.seen == 3)
    #expect(pool.census.lent == 0)
    #expect(pool.census.idle == 3)
    await pool.close()
    #expect(pool.census.idle == 0)
  }

  @Test func `who waits longest goes first, and a cancelled one leaves the queue`() async throws {
    let pool = try await pool(limit: 1)
    let order = Order()
    let (opened, open) = AsyncStream.makeStream(of: Void.self)
    let holder = Task {
      try await pool.withConnection { (_) async throws(PostgresError) in for await _ in opened { return } }
    }
    while pool.census.lent == 0 { await Task.yield() }
    var waiting: [Task<Void, any Error>] = []
    for number in 0..<4 {
      waiting.append(
        Task { try await pool.withConnection { (_) throws(PostgresError) in order.add(number) } }
      )
      while pool.census.waiting <= number { await Task.yield() }
    }
    waiting[1].cancel()
    await #expect(throws: PostgresError.self) { try await waiting[1].value }
    open.yield()
    try await holder.value
    for index in [0, 2, 3] { try await waiting[index].value }
    #expect(order.all == [0, 2, 3])
  }

  @Test func `a borrower leaves nothing open behind`() async throws {
    let pool = try await pool(limit: 1)
    try await pool.withConnection { (connection) async throws(PostgresError) in
      try await connection.run("CREATE TABLE t (a int)")
      try await connection.begin()
      try await connection.run("INSERT INTO t VALUES (1)")
      let stream = try await connection.stream(try PostgresQuery("SELECT generate_series(1, 10000000)"))
      _ = try await stream.next()
    }
    let count = try await pool.withConnection { (connection) async throws(PostgresError) -> Int in
      #expect(await connection.transaction == .idle)
      return try await connection.run("SELECT count(*) FROM t").rows.first?.read(0) ?? -1
    }
    #expect(count == 0)
  }

  @Test func `a connection that broke is replaced`() async throws {
    let pool = try await pool(limit: 1)
    let killer = try await PostgresConnection.fresh()
    let first = try await pool.withConnection { (connection) async throws(PostgresError) in await connection.process }
    try await killer.run("SELECT pg_terminate_backend($1, 5000)", first)
    let error = await problem { () throws(PostgresError) in
      try await pool.withConnection { (connection) async throws(PostgresError) in
        _ = try await connection.run("SELECT 1")
      }
    }
    // Found out before it was sent, so nothing can have happened.
    #expect(error?.kind == .dropped)
    let second = try await pool.withConnection { (connection) async throws(PostgresError) in await connection.process }
    #expect(second != first)
  }
}

/// How many were inside at once.
private final class Most: Sendable {
  private let counts = Mutex((now: 0, most: 0))
  var seen: Int { counts.withLock { $0.most } }

  func enter() {
    counts.withLock { counts in
      counts.now += 1
      counts.most = max(counts.most, counts.now)
    }
  }

  func leave() { counts.withLock { $0.now -= 1 } }
}

private final class Order: Sendable {
  private let numbers = Mutex<[Int]>([])
  var all: [Int] { numbers.withLock { $0 } }
  func add(_ number: Int) { numbers.withLock { $0.append(number) } }
}

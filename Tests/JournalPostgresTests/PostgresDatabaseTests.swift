import Journal
import JournalPostgres
import PostgresTesting
import PrimitiveKit
import Synchronization
import Testing

struct PostgresDatabaseTests {
  @Test func `texts, numbers and nulls come back as they went`() async throws {
    let database = try await PostgresDatabase.fresh()
    try await database.run("CREATE TABLE t (a TEXT, b BIGINT, c TEXT)")
    let long = String(repeating: "é\n'\"\\", count: 200_000)
    try await database.run("INSERT INTO t VALUES ($1, $2, $3)", [.text(long), .int(.min), .null])
    try await database.run("INSERT INTO t VALUES ($1, $2, $3)", [.text(""), .int(.max), .text("NULL")])
    #expect(
      try await database.read("SELECT a, b, c FROM t ORDER BY b") == [
        [.text(long), .int(.min), .null], [.text(""), .int(.max), .text("NULL")],
      ]
    )
    #expect(try await database.read("SELECT count(*), sum(1), 1 = 1 FROM t") == [[.int(2), .int(2), .int(1)]])
  }

  @Test func `a text with a zero byte is refused, not cut`() async throws {
    let database = try await PostgresDatabase.fresh()
    let failure = await failure { () throws(CallFailure) in _ = try await database.read("SELECT $1", [.text("a\0b")]) }
    #expect(failure?.code == "journal.failed")
  }

  @Test func `what throws is rolled back, and the connection goes on`() async throws {
    let database = try await PostgresDatabase.fresh()
    try await database.run("CREATE TABLE t (a BIGINT PRIMARY KEY)")
    let own = CallFailure(code: "test.stop", message: "stop")
    let first = await failure { () throws(CallFailure) in
      try await database.transaction { (session) async throws(CallFailure) in
        try await session.query("INSERT INTO t VALUES (1)", [])
        throw own
      }
    }
    #expect(first == own)
    #expect(try await database.read("SELECT a FROM t") == [])
    let second = await failure { () throws(CallFailure) in
      try await database.run("INSERT INTO t VALUES (1), (1)")
    }
    #expect(second?.code == "journal.failed")
    #expect(second?.message.contains("duplicate key") == true)
    #expect(try await database.read("SELECT a FROM t") == [])
  }

  @Test func `a refused statement that the body forgives is no commit`() async throws {
    let database = try await PostgresDatabase.fresh()
    try await database.run("CREATE TABLE t (a BIGINT)")
    let failure = await failure { () throws(CallFailure) in
      try await database.transaction { (session) async throws(CallFailure) in
        try await session.query("INSERT INTO t VALUES (1)", [])
        do throws(CallFailure) { try await session.query("SELECT nonsense", []) } catch {}
      }
    }
    #expect(failure?.code == "journal.failed")
    #expect(try await database.read("SELECT a FROM t") == [])
  }

  @Test func `a reading transaction sees one state and writes nothing`() async throws {
    let database = try await PostgresDatabase.fresh()
    let other = try await PostgresDatabase.same(database)
    try await database.run("CREATE TABLE t (a BIGINT)")
    let counts = try await database.reading { (session) async throws(CallFailure) -> [[DatabaseValue]] in
      let before = try await session.query("SELECT count(*) FROM t", [])
      try await other.run("INSERT INTO t VALUES (1)")
      return before + (try await session.query("SELECT count(*) FROM t", []))
    }
    #expect(counts == [[.int(0)], [.int(0)]])
    let failure = await failure { () throws(CallFailure) in _ = try await database.read("INSERT INTO t VALUES (2)") }
    #expect(failure?.code == "journal.read_only")
  }

  @Test func `writers take turns, whoever they are`() async throws {
    let first = try await PostgresDatabase.fresh()
    let second = try await PostgresDatabase.same(first)
    try await first.run("CREATE TABLE t (a BIGINT)")
    try await first.run("INSERT INTO t VALUES (0)")
    // Read, then write what was read: lost unless the others are kept out from the beginning.
    try await withThrowingTaskGroup { group in
      for database in [first, second, first, second] {
        group.addTask {
          for _ in 0..<50 {
            try await database.transaction { (session) async throws(CallFailure) in
              let count = try await session.query("SELECT a FROM t", []).first?.first?.int ?? -1
              try await session.query("UPDATE t SET a = $1", [.int(count + 1)])
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await first.read("SELECT a FROM t") == [[.int(200)]])
  }

  @Test func `a writer that does not end makes the others fail in time`() async throws {
    var limits = PostgresLimits()
    limits.turn = .milliseconds(100)
    let holder = try await PostgresDatabase.fresh()
    let other = try await PostgresDatabase.same(holder, limits: limits)
    let refused = try await holder.transaction { (session) async throws(CallFailure) -> CallFailure? in
      await failure { () throws(CallFailure) in try await other.run("SELECT 1") }
    }
    #expect(refused?.code == "journal.unavailable")
    #expect(try await other.run("SELECT 1") == [[.int(1)]])
  }

  @Test func `a writer that pauses loses its turn and tries again`() async throws {
    var limits = PostgresLimits()
    limits.pause = .milliseconds(100)
    let slow = try await PostgresDatabase.fresh(limits: limits)
    let other = try await PostgresDatabase.same(slow)
    try await slow.run("CREATE TABLE t (a TEXT)")
    let tries = Atomic(0)
    try await slow.transaction { (session) async throws(CallFailure) in
      try await session.query("INSERT INTO t VALUES ('slow')", [])
      // The first time it pauses until the other has written, as a stopped process does.
      if tries.add(1, ordering: .relaxed).newValue == 1 { try await other.run("INSERT INTO t VALUES ('other')") }
    }
    #expect(tries.load(ordering: .relaxed) == 2)
    #expect(try await slow.read("SELECT a FROM t ORDER BY a") == [[.text("other")], [.text("slow")]])
  }

  @Test func `a statement that takes too long is cancelled by the server`() async throws {
    var limits = PostgresLimits()
    limits.statement = .milliseconds(100)
    let database = try await PostgresDatabase.fresh(limits: limits)
    let failure = await failure { () throws(CallFailure) in _ = try await database.read("SELECT pg_sleep(60)") }
    #expect(failure?.code == "journal.unavailable")
    #expect(try await database.read("SELECT 1") == [[.int(1)]])
  }

  @Test func `a serialisation failure is tried again, a bounded number of times`() async throws {
    let database = try await PostgresDatabase.fresh()
    try await database.run("CREATE TABLE t (a BIGINT)")
    for (failures, expected) in [(2, nil), (100, "journal.unavailable")] {
      let tries = Atomic(0)
      let failure = await failure { () throws(CallFailure) in
        try await database.transaction { (session) async throws(CallFailure) in
          let attempt = tries.add(1, ordering: .relaxed).newValue
          try await session.query("INSERT INTO t VALUES ($1)", [.int(Int64(attempt))])
          guard attempt <= failures else { return }
          try await session.query("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$", [])
        }
      }
      #expect(failure?.code == expected)
      #expect(tries.load(ordering: .relaxed) == (failures == 2 ? 3 : 5))
    }
    #expect(try await database.read("SELECT a FROM t") == [[.int(3)]])
  }

  @Test func `a cancelled task still writes down how things ended`() async throws {
    let database = try await PostgresDatabase.fresh()
    try await database.run("CREATE TABLE t (a BIGINT)")
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    let inside = Task {
      try await database.transaction { (session) async throws(CallFailure) in
        _ = try await session.query("INSERT INTO t VALUES (1)", [])
        begin.yield()
        // Goes on when the test says, not when it is cancelled.
        await Task.detached { for await _ in ended { return } }.value
        _ = try await session.query("INSERT INTO t VALUES (2)", [])
      }
    }
    for await _ in begun { break }
    let waiting = Task { try await database.run("INSERT INTO t VALUES (3)") }
    waiting.cancel()
    inside.cancel()
    end.yield()
    try await inside.value
    _ = try await waiting.value
    #expect(try await database.read("SELECT a FROM t ORDER BY a") == [[.int(1)], [.int(2)], [.int(3)]])
  }

  @Test func `a transaction inside another is refused, not waited for`() async throws {
    let database = try await PostgresDatabase.fresh()
    let refused = try await database.transaction { (session) async throws(CallFailure) -> CallFailure? in
      await failure { () throws(CallFailure) in try await database.run("SELECT 1") }
    }
    #expect(refused?.code == "journal.failed")
  }

  @Test func `a session that outlives its transaction is refused`() async throws {
    let database = try await PostgresDatabase.fresh()
    let session = try await database.transaction { (session) async throws(CallFailure) in session }
    let failure = await failure { () throws(CallFailure) in _ = try await session.query("SELECT 1", []) }
    #expect(failure?.code == "journal.failed")
  }

  @Test func `a server that is read-only is read`() async throws {
    let server = try await PostgresServer.shared()
    let url = server.url().replacing("?host", with: "?options=-cdefault_transaction_read_only%3Don&host")
    let database = try PostgresDatabase(url: url)
    #expect(try await database.read("SELECT 1") == [[.int(1)]])
    let failure = await failure { () throws(CallFailure) in try await database.run("CREATE TABLE t (a BIGINT)") }
    #expect(failure?.code == "journal.read_only")
  }

  @Test func `the time is the server's`() async throws {
    let database = try await PostgresDatabase.fresh()
    let (now, again) = try await database.transaction { (session) async throws(CallFailure) in
      let now = try await session.now()
      try await session.query("SELECT pg_sleep(0.01)", [])
      return (now, try await session.now())
    }
    #expect(again >= now + 10)
    #expect(now > 1_700_000_000_000)
  }

  @Test func `two statements at once in one transaction are refused`() async throws {
    let database = try await PostgresDatabase.fresh()
    let failure = await failure { () throws(CallFailure) in
      try await database.transaction { (session) async throws(CallFailure) in
        async let first: [[DatabaseValue]] = session.query("SELECT pg_sleep(0.05)", [])
        async let second: [[DatabaseValue]] = session.query("SELECT pg_sleep(0.05)", [])
        do {
          _ = try await (first, second)
        } catch {
          throw CallFailure(anyError: error)
        }
      }
    }
    #expect(failure?.code == "journal.failed")
    #expect(try await database.read("SELECT 1") == [[.int(1)]])
  }
}

import Journal
import JournalPostgres
import PostgresTesting
import PrimitiveKit
import Synchronization
import Testing

struct PostgresLossTests {
  /// A database behind a proxy, and the same without it.
  private func pair(_ cut: CuttingProxy.Cut) async throws -> (cut: PostgresDatabase, plain: PostgresDatabase) {
    let server = try await PostgresServer.shared()
    let url = try await server.newSchema()
    let plain = try PostgresDatabase(url: url)
    try await plain.run("CREATE TABLE t (a BIGINT)")
    let proxy = try CuttingProxy(server: server.directory, cut: cut)
    let cut = try PostgresDatabase(url: url.replacing(server.directory, with: proxy.directory))
    return (cut, plain)
  }

  @Test(arguments: ["BEGIN", "INSERT", "RETURNING"])
  func `a connection lost before the commit is made again and nothing happens twice`(word: String) async throws {
    let (cut, plain) = try await pair(.before(word))
    let tries = Atomic(0)
    try await cut.transaction { (session) async throws(CallFailure) in
      tries.add(1, ordering: .relaxed)
      try await session.query("INSERT INTO t VALUES (1)", [])
      try await session.query("UPDATE t SET a = a + 1 RETURNING a", [])
    }
    #expect(tries.load(ordering: .relaxed) == (word == "BEGIN" ? 1 : 2))
    #expect(try await plain.read("SELECT a FROM t") == [[.int(2)]])
  }

  @Test func `a commit whose answer is lost is not repeated and says so`() async throws {
    let (cut, plain) = try await pair(.answer(to: "COMMIT\0"))
    let tries = Atomic(0)
    let failure = await failure { () throws(CallFailure) in
      try await cut.transaction { (session) async throws(CallFailure) in
        tries.add(1, ordering: .relaxed)
        try await session.query("INSERT INTO t VALUES (1)", [])
      }
    }
    #expect(failure?.code == "journal.unavailable")
    #expect(failure?.message.contains("while a record was committed") == true)
    #expect(failure?.hint?.contains("may or may not be there") == true)
    #expect(tries.load(ordering: .relaxed) == 1)
    #expect(try await plain.read("SELECT a FROM t") == [[.int(1)]])
    try await cut.run("INSERT INTO t VALUES (2)")
    #expect(try await plain.read("SELECT count(*) FROM t") == [[.int(2)]])
  }

  @Test func `a server that restarts is waited for`() async throws {
    let server = try PostgresServer()
    defer { server.end() }
    let database = try PostgresDatabase(url: server.url())
    try await database.run("CREATE TABLE t (a BIGINT PRIMARY KEY)")
    for number in 1...60 {
      if number == 10 { try server.control("restart") }
      let statement = "INSERT INTO t VALUES ($1) ON CONFLICT DO NOTHING"
      let lost = await failure { () throws(CallFailure) in try await database.run(statement, [.int(Int64(number))]) }
      // The restart may fall into a commit: then the same is written again.
      guard let lost else { continue }
      #expect(lost.hint?.contains("may or may not be there") == true)
      try await database.run(statement, [.int(Int64(number))])
    }
    #expect(try await database.read("SELECT count(*) FROM t") == [[.int(60)]])
  }

  @Test func `a server that is gone is said after a bounded wait`() async throws {
    let server = try PostgresServer()
    var limits = PostgresLimits()
    limits.reconnect = .milliseconds(300)
    let database = try PostgresDatabase(url: server.url(), limits: limits)
    try await database.run("CREATE TABLE t (a BIGINT)")
    let failure = await failure { () throws(CallFailure) in
      try await database.transaction { (session) async throws(CallFailure) in
        try await session.query("INSERT INTO t VALUES (1)", [])
        server.end()
        // The server ends while this waits.
        try await session.query("SELECT pg_sleep(60)", [])
      }
    }
    #expect(failure?.code == "journal.unavailable")
  }
}

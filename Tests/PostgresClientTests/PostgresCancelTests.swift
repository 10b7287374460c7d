import EventLoop
import PostgresClient
import PostgresTesting
import Testing

struct PostgresCancelTests {
  @Test func `a cancelled task ends the statement on the server`() async throws {
    let connection = try await PostgresConnection.fresh()
    let watcher = try await PostgresConnection.fresh()
    let process = try #require(await connection.process)
    let task = Task { () -> PostgresError? in
      await problem { () throws(PostgresError) in try await connection.run("SELECT pg_sleep(600)") }
    }
    try await watcher.wait(until: "active", of: process)
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    #expect(try await watcher.activity(of: process) == "idle")
    // The connection is as good as before, and the cancel does not hit the next statement.
    for _ in 0..<50 { #expect(try await connection.run("SELECT 1").rows.first?.read(0) == 1) }
    #expect(await connection.process == process)
  }

  @Test func `a deadline ends the statement on the server`() async throws {
    let connection = try await PostgresConnection.fresh()
    let watcher = try await PostgresConnection.fresh()
    let process = try #require(await connection.process)
    let query = try PostgresQuery("SELECT pg_sleep(600)", deadline: .milliseconds(50))
    let error = await problem { () throws(PostgresError) in try await connection.run(query) }
    #expect(error?.kind == .timedOut)
    #expect(try await watcher.activity(of: process) == "idle")
    #expect(try await connection.run("SELECT 1").rows.first?.read(0) == 1)
  }

  @Test func `a task that is cancelled already sends nothing`() async throws {
    let connection = try await PostgresConnection.fresh()
    try await connection.run("CREATE TABLE t (a int)")
    let task = Task { () -> PostgresError? in
      while !Task.isCancelled { await Task.yield() }
      return await problem { () throws(PostgresError) in try await connection.run("INSERT INTO t VALUES (1)") }
    }
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    #expect(try await connection.run("SELECT count(*) FROM t").rows.first?.read(0) == 0)
  }

  @Test func `a statement that heeds no cancel runs to its end`() async throws {
    let connection = try await PostgresConnection.fresh()
    let watcher = try await PostgresConnection.fresh()
    let process = try #require(await connection.process)
    try await connection.run("CREATE TABLE t (a int)")
    var query = try PostgresQuery("INSERT INTO t SELECT 1 FROM pg_sleep(0.2)")
    query.isCancellable = false
    let task = Task { [query] () -> PostgresError? in
      await problem { () throws(PostgresError) in try await connection.run(query) }
    }
    try await watcher.wait(until: "active", of: process)
    task.cancel()
    #expect(await task.value == nil)
    #expect(try await connection.run("SELECT count(*) FROM t").rows.first?.read(0) == 1)
  }

  @Test func `a cancel blocks neither the loop nor another connection`() async throws {
    let loop = EventLoop(name: "pg-test")
    defer { loop.stop() }
    let address = try PostgresAddress(try await PostgresServer.shared().newSchema())
    let first = PostgresConnection(address: address, loop: loop)
    let second = PostgresConnection(address: address, loop: loop)
    try await first.open()
    try await second.open()
    let query = try PostgresQuery("SELECT pg_sleep(600)", deadline: .milliseconds(20))
    let slow = Task { await problem { () throws(PostgresError) in try await first.run(query) } }
    for _ in 0..<200 { #expect(try await second.run("SELECT 1").rows.first?.read(0) == 1) }
    #expect(await slow.value?.kind == .timedOut)
  }

  @Test func `closing ends a statement that waits`() async throws {
    let connection = try await PostgresConnection.fresh()
    let watcher = try await PostgresConnection.fresh()
    let process = try #require(await connection.process)
    let task = Task { await problem { () throws(PostgresError) in try await connection.run("SELECT pg_sleep(600)") } }
    try await watcher.wait(until: "active", of: process)
    await connection.close()
    #expect(await task.value?.kind == .unknownOutcome)
    #expect(await connection.isOpen == false)
    let next = await problem { () throws(PostgresError) in try await connection.run("SELECT 1") }
    #expect(next?.kind == .dropped)
    try await connection.open()
    #expect(try await connection.run("SELECT 1").rows.first?.read(0) == 1)
  }
}

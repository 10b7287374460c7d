import Foundation
import PostgresClient
import PostgresTesting
import Testing

struct PostgresStreamTests {
  @Test func `rows come in order and all of them`() async throws {
    let connection = try await PostgresConnection.fresh()
    let stream = try await connection.stream(try PostgresQuery("SELECT i, i::text FROM generate_series(1, 1000) i"))
    var next: Int64 = 1
    for try await row in stream {
      #expect(try row.read(0) == next)
      #expect(try row.read(1) == String(next))
      next += 1
    }
    #expect(next == 1001)
    let empty = try await connection.stream(try PostgresQuery("SELECT 1 AS a WHERE false"))
    let none = try await empty.next()
    #expect(none.isEmpty)
    #expect(none.columns.names == ["a"])
  }

  @Test func `a large answer is read in bounded memory`() async throws {
    let connection = try await PostgresConnection.fresh()
    let text = "SELECT repeat('x', 1000) FROM generate_series(1, 200000)"
    let stream = try await connection.stream(try PostgresQuery(text))
    _ = try await stream.next()
    let before = residentKilobytes()
    var count = 1
    while case let rows = try await stream.next(), !rows.isEmpty { count += rows.count }
    #expect(count > 199_000)
    // 200 MB went by; other tests of the process grow meanwhile too.
    #expect(residentKilobytes() - before < 100_000)
  }

  @Test func `a reader that is slow holds the server back`() async throws {
    let connection = try await PostgresConnection.fresh()
    let watcher = try await PostgresConnection.fresh()
    let process = try #require(await connection.process)
    let text = "SELECT repeat('x', 1000) FROM generate_series(1, 10000000)"
    let stream = try await connection.stream(try PostgresQuery(text))
    _ = try await stream.next()
    // The server waits until the client reads on.
    while try await watcher.run("SELECT wait_event FROM pg_stat_activity WHERE pid = $1", process).rows.first?
      .readIfAny(0, as: String.self) != "ClientWrite"
    { await watcher.sleep(for: .milliseconds(5)) }
    try await stream.cancel()
    #expect(try await watcher.activity(of: process) == "idle")
  }

  @Test func `a reader that leaves ends the statement and keeps the connection`() async throws {
    let connection = try await PostgresConnection.fresh()
    let process = await connection.process
    var seen = 0
    for try await _ in try await connection.stream(try PostgresQuery("SELECT generate_series(1, 100000000)")) {
      seen += 1
      if seen == 1000 { break }
    }
    #expect(try await connection.run("SELECT 2").rows.first?.read(0) == 2)
    #expect(await connection.process == process)
  }

  @Test func `the next statement ends a stream that still stands`() async throws {
    let connection = try await PostgresConnection.fresh()
    let stream = try await connection.stream(try PostgresQuery("SELECT generate_series(1, 100000000)"))
    _ = try await stream.next()
    #expect(try await connection.run("SELECT 2").rows.first?.read(0) == 2)
    let error = await problem { () throws(PostgresError) in _ = try await stream.next() }
    #expect(error?.kind == .misuse)
  }

  @Test func `an error may follow rows`() async throws {
    let connection = try await PostgresConnection.fresh()
    let query = try PostgresQuery("SELECT 1 / (3 - i) FROM generate_series(1, 5) i")
    let stream = try await connection.stream(query, batch: 1)
    #expect(try await stream.next().count == 1)
    #expect(try await stream.next().count == 1)
    let error = await problem { () throws(PostgresError) in _ = try await stream.next() }
    #expect(error?.state == "22012")
    #expect(try await connection.run("SELECT 2").rows.first?.read(0) == 2)
    let wrong = await problem { () throws(PostgresError) in
      _ = try await connection.stream(try PostgresQuery("SELECT nonsense"))
    }
    #expect(wrong?.state == "42703")
  }

  @Test func `a cancelled reader ends the statement`() async throws {
    let connection = try await PostgresConnection.fresh()
    let watcher = try await PostgresConnection.fresh()
    let process = try #require(await connection.process)
    let text = "SELECT i, pg_sleep(CASE WHEN i > 200 THEN 600 ELSE 0 END) FROM generate_series(1, 300) i"
    let task = Task { () -> PostgresError? in
      await problem { () throws(PostgresError) in
        let stream = try await connection.stream(try PostgresQuery(text), batch: 150)
        while case let rows = try await stream.next(), !rows.isEmpty {}
      }
    }
    try await watcher.wait(until: "active", of: process)
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    try await watcher.wait(until: "idle", of: process)
  }

  private func residentKilobytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
  }
}

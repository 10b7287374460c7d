import Foundation
import SQLite
import Testing

struct SQLiteConnectionTests {
  private let directory = TemporaryDirectory()

  private func open(_ name: String = "a.sqlite", _ access: SQLiteAccess = .create) async throws -> SQLiteConnection {
    let connection = SQLiteConnection(path: directory.path + "/" + name)
    try await connection.open(access)
    return connection
  }

  @Test func `each type goes and comes back, whatever the column says`() async throws {
    let connection = try await open()
    let values: [SQLiteValue] = [
      .null, .int(.min), .int(.max), .real(0.1), .real(.infinity), .text("é\0'"), .text(""), .blob([0, 255]), .blob([]),
    ]
    try await connection.run("CREATE TABLE t (n INTEGER PRIMARY KEY, v)")
    for value in values { try await connection.run("INSERT INTO t (v) VALUES ($1)", [value]) }
    let result = try await connection.run("SELECT v FROM t ORDER BY n")
    #expect(result.columns == ["v"])
    #expect(result.rows == values.map { [$0] })
  }

  @Test func `arguments go by their numbers, and are bound`() async throws {
    let connection = try await open()
    let trick = "'; DROP TABLE t; --"
    #expect(
      try await connection.run("SELECT $2, $1, $2", [.int(1), .text(trick)]).rows == [
        [.text(trick), .int(1), .text(trick)]
      ]
    )
    let error = await problem { () throws(SQLiteError) in try await connection.run("SELECT $1, $2", [.int(1)]) }
    #expect(error?.kind == .tooFewArguments)
  }

  @Test func `rows are handed over one by one`() async throws {
    let connection = try await open()
    let sum = try await connection.sum(
      of: "WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 100000) SELECT v FROM n"
    )
    #expect(sum == 5_000_050_000)
  }

  @Test func `what is opened for reading cannot be written`() async throws {
    let writer = try await open()
    try await writer.run("PRAGMA journal_mode = WAL")
    try await writer.run("CREATE TABLE t (a)")
    let reader = try await open("a.sqlite", .readOnly)
    try await writer.run("INSERT INTO t VALUES (1)")
    #expect(try await reader.run("SELECT a FROM t").rows == [[.int(1)]])
    let error = await problem { () throws(SQLiteError) in try await reader.run("DELETE FROM t") }
    #expect(error?.kind == .readOnly)
    let missing = await problem { () throws(SQLiteError) in
      try await SQLiteConnection(path: directory.path + "/none.sqlite").open(.readWrite)
    }
    #expect(missing?.kind == .inputOutput)
  }

  @Test func `a lock is waited for as long as was said`() async throws {
    let holder = try await open()
    try await holder.run("CREATE TABLE t (a)")
    try await holder.run("BEGIN IMMEDIATE")
    let other = SQLiteConnection(path: holder.path)
    try await other.open(.readWrite, busyTimeout: .milliseconds(50))
    let begin = ContinuousClock.now
    let error = await problem { () throws(SQLiteError) in try await other.run("INSERT INTO t VALUES (1)") }
    #expect(error?.kind == .locked)
    #expect(ContinuousClock.now - begin >= .milliseconds(50))
    try await holder.run("COMMIT")
    try await other.run("INSERT INTO t VALUES (1)")
    #expect(await other.changes == 1)
  }

  @Test func `a statement is stopped from outside, and the next one is not`() async throws {
    let connection = try await open()
    let endless = "WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n) SELECT count(*) FROM n"
    let task = Task { () -> SQLiteError? in
      await problem { () throws(SQLiteError) in _ = try await connection.runCancellably(endless) }
    }
    task.cancel()
    #expect(await task.value?.kind == .interrupted)
    let other = Task { await problem { () throws(SQLiteError) in try await connection.run(endless) } }
    let stopper = Task { while !Task.isCancelled { connection.interrupt(); await Task.yield() } }
    #expect(await other.value?.kind == .interrupted)
    stopper.cancel()
    await stopper.value
    #expect(try await connection.run("SELECT 1").rows == [[.int(1)]])
  }

  @Test func `a backup is one state, taken while others write`() async throws {
    let source = try await open()
    try await source.run("PRAGMA journal_mode = WAL")
    try await source.run("CREATE TABLE t (a, b)")
    try await source.run("BEGIN")
    for number in Int64(0)..<2000 {
      try await source.run("INSERT INTO t VALUES ($1, $2)", [.int(number), .text(String(repeating: "x", count: 500))])
    }
    try await source.run("COMMIT")
    let copy = directory.path + "/copy.sqlite"
    // Every change adds two rows, so a copy with an odd number of them is none.
    let writer = Task {
      for _ in 0..<50 {
        try await source.run("INSERT INTO t VALUES (1, 1), (2, 2)")
        await Task.yield()
      }
    }
    try await source.backup(to: copy, pages: 5)
    try await writer.value
    let opened = try await open("copy.sqlite", .readOnly)
    #expect(try await opened.run("PRAGMA integrity_check").rows == [[.text("ok")]])
    let count = try await opened.run("SELECT count(*) FROM t").rows.first?.first?.int ?? -1
    #expect(count >= 2000 && count.isMultiple(of: 2))
  }

  @Test func `a backup that cannot be made says why`() async throws {
    let source = try await open()
    try await source.run("CREATE TABLE t (a)")
    let nowhere = await problem { () throws(SQLiteError) in
      try await source.backup(to: directory.path + "/none/copy.sqlite")
    }
    #expect(nowhere?.kind == .inputOutput)
    let blocked = try await open("blocked.sqlite")
    try await blocked.run("CREATE TABLE t (a)")
    try await blocked.run("BEGIN EXCLUSIVE")
    let locked = await problem { () throws(SQLiteError) in
      try await source.backup(to: blocked.path, within: .milliseconds(50))
    }
    #expect(locked?.kind == .locked)
    await source.close()
    let closed = await problem { () throws(SQLiteError) in try await source.backup(to: directory.path + "/c.sqlite") }
    #expect(closed?.kind == .closed)
  }
}

extension SQLiteConnection {
  fileprivate func sum(of text: String) throws(SQLiteError) -> Int64 {
    var sum: Int64 = 0
    try each(text) { sum += $0[0].int ?? 0 }
    return sum
  }
}

/// A directory of one test, removed with it.
private final class TemporaryDirectory: Sendable {
  let path = NSTemporaryDirectory() + "opsh-sqlite-client-\(UUID().uuidString)"
  init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The error that `body` throws; nil when it does not.
private func problem(_ body: () async throws(SQLiteError) -> Void) async -> SQLiteError? {
  do throws(SQLiteError) {
    try await body()
    return nil
  } catch {
    return error
  }
}

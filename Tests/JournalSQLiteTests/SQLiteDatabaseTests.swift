import Foundation
import Journal
import PrimitiveKit
import Testing

@testable import JournalSQLite

struct SQLiteDatabaseTests {
  let scratch = Scratch()

  private func open() async throws(CallFailure) -> SQLiteDatabase {
    let database = try await SQLiteDatabase.open(scratch.path)
    try await database.run("CREATE TABLE IF NOT EXISTS notes(id BIGINT PRIMARY KEY, words TEXT)")
    return database
  }

  @Test func `a missing file and its directories are made for their owner only`() async throws {
    let path = scratch.directory + "/state/opsh/journal.sqlite"
    let database = try await SQLiteDatabase.open(path)
    try await database.run("CREATE TABLE notes(id BIGINT)")
    #expect(scratch.mode(scratch.directory + "/state") == 0o700)
    #expect(scratch.mode(scratch.directory + "/state/opsh") == 0o700)
    #expect(scratch.mode(path) == 0o600)
    #expect(scratch.mode(path + "-wal") == 0o600)
    #expect(database.refusal == nil)
  }

  @Test(arguments: [(0x6969, "nfs"), (0xff53_4d42, "cifs"), (0x0102_1997, "9p"), (0x6573_5546, "fuse")])
  func `a file on a network file system is read, and not written unless that is allowed`(magic: Int, name: String)
    async throws
  {
    try await open().close()
    let file = SQLiteFile(path: scratch.path, fileSystem: { _ in magic })
    let database = try await SQLiteDatabase.open(file)
    #expect(database.refusal?.code == "journal.network")
    #expect(database.refusal?.message.contains("(\(name))") == true)
    #expect(try await database.read("SELECT COUNT(*) FROM notes") == [[.int(0)]])
    #expect(
      await code { () async throws(CallFailure) in try await database.run("DELETE FROM notes") } == "journal.network"
    )
    await database.close()
    let allowed = try await SQLiteDatabase.open(file, allowsNetwork: true)
    try await allowed.run("INSERT INTO notes VALUES (1, 'a')")
  }

  @Test func `a new file is not made on a network file system`() async throws {
    let place = scratch.directory + "/state/journal.sqlite"
    let file = SQLiteFile(path: place, fileSystem: { $0 == self.scratch.directory ? 0x6969 : 0 })
    #expect(
      await code { () async throws(CallFailure) in _ = try await SQLiteDatabase.open(file) } == "journal.network"
    )
    #expect(!FileManager.default.fileExists(atPath: scratch.directory + "/state"))
    #expect(SQLiteFile.magic("/proc") == 0x9fa0)
  }

  @Test func `every commit is synced to the disk`() async throws {
    let database = try await open()
    let settings = try await database.run("PRAGMA synchronous")
    #expect(settings == [[.int(2)]])
    #expect(try await database.read("PRAGMA journal_mode") == [[.text("wal")]])
  }

  @Test func `values come back as they were bound`() async throws {
    let database = try await open()
    let words = "ä \u{0} \n 'quoted' 123"
    try await database.run("INSERT INTO notes(id, words) VALUES ($1, $2)", [.int(.min), .text(words)])
    try await database.run("INSERT INTO notes(words, id) VALUES ($2, $1)", [.int(7), .text("")])
    try await database.run("INSERT INTO notes(id, words) VALUES ($1, $2)", [.int(8), .null])
    let rows = try await database.read("SELECT id, words FROM notes ORDER BY id")
    #expect(rows == [[.int(.min), .text(words)], [.int(7), .text("")], [.int(8), .null]])
  }

  @Test func `what throws leaves nothing behind`() async throws {
    let database = try await open()
    let stopped = CallFailure(.failed, code: "test.stopped", message: "stopped")
    let thrown = await code { () async throws(CallFailure) in
      try await database.transaction { (session) throws(CallFailure) in
        try await session.query("INSERT INTO notes VALUES (1, 'half')", [])
        throw stopped
      }
    }
    #expect(thrown == "test.stopped")
    #expect(try await database.read("SELECT COUNT(*) FROM notes") == [[.int(0)]])
    try await database.run("INSERT INTO notes VALUES (1, 'whole')")
  }

  @Test func `a transaction that waits for something else lets no other in between`() async throws {
    let database = try await open()
    try await database.run("INSERT INTO notes VALUES (1, '0')")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask {
          try await database.transaction { (session) throws(CallFailure) in
            let rows = try await session.query("SELECT words FROM notes WHERE id = 1", [])
            let count = Int(rows[0][0].text ?? "") ?? -1
            for _ in 0..<5 { await Task.yield() }
            try await session.query("UPDATE notes SET words = $1 WHERE id = 1", [.text("\(count + 1)")])
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await database.read("SELECT words FROM notes") == [[.text("50")]])
  }

  @Test func `a cancelled task still ends its transaction whole`() async throws {
    let database = try await open()
    let (begun, signal) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      try await database.transaction { (session) throws(CallFailure) in
        try await session.query("INSERT INTO notes VALUES (1, 'a')", [])
        signal.yield()
        while !Task.isCancelled { await Task.yield() }
        try await session.query("INSERT INTO notes VALUES (2, 'b')", [])
      }
    }
    for await _ in begun { break }
    task.cancel()
    try await task.value
    #expect(try await database.read("SELECT COUNT(*) FROM notes") == [[.int(2)]])
  }

  @Test func `reads go on while a transaction is open and do not see it`() async throws {
    let database = try await open()
    try await database.transaction { (session) throws(CallFailure) in
      try await session.query("INSERT INTO notes VALUES (1, 'a')", [])
      let seen = try await database.read("SELECT COUNT(*) FROM notes")
      #expect(seen == [[.int(0)]])
    }
    #expect(try await database.read("SELECT COUNT(*) FROM notes") == [[.int(1)]])
  }

  @Test func `a transaction inside another is refused instead of waiting for itself`() async throws {
    let database = try await open()
    let thrown = await code { () async throws(CallFailure) in
      try await database.transaction { (_) throws(CallFailure) in
        _ = try await database.run("INSERT INTO notes VALUES (1, 'a')")
      }
    }
    #expect(thrown == "journal.failed")
    try await database.run("INSERT INTO notes VALUES (1, 'b')")
  }

  @Test func `a session is over with its transaction`() async throws {
    let database = try await open()
    let session = try await database.transaction { (session) throws(CallFailure) in session }
    let thrown = await code { () async throws(CallFailure) in
      _ = try await session.query("INSERT INTO notes VALUES (1, 'late')", [])
    }
    #expect(thrown == "journal.failed")
  }

  @Test func `a read cannot write`() async throws {
    let database = try await open()
    let thrown = await code { () async throws(CallFailure) in
      _ = try await database.read("INSERT INTO notes VALUES (1, 'a')")
    }
    #expect(thrown == "journal.read_only")
  }

  @Test func `two connections to one file lose nothing`() async throws {
    let databases = [try await open(), try await open()]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<100 {
        group.addTask {
          try await databases[index % 2].transaction { (session) throws(CallFailure) in
            let rows = try await session.query("SELECT COUNT(*) FROM notes", [])
            try await session.query("INSERT INTO notes VALUES ($1, 'x')", [rows[0][0]])
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await databases[0].read("SELECT COUNT(*), MAX(id) FROM notes") == [[.int(100), .int(99)]])
  }

  @Test func `the clock is the injected one`() async throws {
    let database = try await SQLiteDatabase.open(scratch.path, now: { 42 })
    let now = try await database.reading { (session) throws(CallFailure) in try await session.now() }
    #expect(now == 42)
  }

  @Test func `a statement with too few arguments is refused`() async throws {
    let database = try await open()
    let thrown = await code { () async throws(CallFailure) in
      _ = try await database.run("INSERT INTO notes VALUES ($1, $2)", [.int(1)])
    }
    #expect(thrown == "journal.failed")
  }
}

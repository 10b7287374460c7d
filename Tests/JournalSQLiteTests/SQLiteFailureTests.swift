import Foundation
import Glibc
import Journal
import PrimitiveKit
import SQLite
import Testing

@testable import JournalSQLite

struct SQLiteFailureTests {
  let scratch = Scratch()

  private func open(isReadOnly: Bool = false) async throws(CallFailure) -> SQLiteDatabase {
    try await SQLiteDatabase.open(scratch.path, isReadOnly: isReadOnly)
  }

  private func fill() async throws -> SQLiteDatabase {
    let database = try await open()
    try await database.run("CREATE TABLE IF NOT EXISTS notes(id BIGINT PRIMARY KEY, words TEXT)")
    for id in 1...200 {
      try await database.run(
        "INSERT INTO notes VALUES ($1, $2)",
        [.int(Int64(id)), .text(String(repeating: "x", count: 500))]
      )
    }
    return database
  }

  @Test(arguments: ["this is a text and no database, long enough to be taken for one", "x"])
  func `a file that is no database is named and left alone`(content: String) async throws {
    try Data(content.utf8).write(to: URL(filePath: scratch.path))
    let thrown = await code { () async throws(CallFailure) in _ = try await open() }
    #expect(thrown == "journal.corrupt")
    #expect(try String(contentsOfFile: scratch.path, encoding: .utf8) == content)
  }

  @Test func `a directory in place of the file is unavailable`() async throws {
    try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: true)
    let thrown = await code { () async throws(CallFailure) in _ = try await open() }
    #expect(thrown == "journal.unavailable")
  }

  @Test func `a full disk refuses writes, keeps reads and takes writes again later`() async throws {
    let database = try await fill()
    let pages = try await database.read("PRAGMA page_count")[0][0].int ?? 0
    try await database.execute("PRAGMA max_page_count = \(pages)")
    let big = DatabaseValue.text(String(repeating: "y", count: 100_000))
    let thrown = await code { () async throws(CallFailure) in
      try await database.transaction { (session) throws(CallFailure) in
        try await session.query("INSERT INTO notes VALUES (1000, 'small')", [])
        try await session.query("INSERT INTO notes VALUES (1001, $1)", [big])
      }
    }
    #expect(thrown == "journal.full")
    #expect(try await database.read("SELECT COUNT(*) FROM notes") == [[.int(200)]])
    try await database.execute("PRAGMA max_page_count = 1000000")
    try await database.run("INSERT INTO notes VALUES (1001, $1)", [big])
  }

  @Test func `what would keep a write from the disk is known without one`() async throws {
    let database = try await fill()
    #expect(await database.obstacle() == nil)
    let file = SQLiteFile(path: scratch.path)
    #expect(file.obstacle(leastRoom: .max)?.code == "journal.full")
    if geteuid() != 0 {
      chmod(scratch.directory, 0o555)
      #expect(file.obstacle()?.code == "journal.read_only")
      chmod(scratch.directory, 0o755)
    }
    #expect(SQLiteFile(path: scratch.directory + "/gone/journal").obstacle()?.code == "journal.unavailable")
    #expect(await (try await open(isReadOnly: true)).obstacle()?.code == "journal.read_only")
    #expect(try await database.read("SELECT COUNT(*) FROM notes") == [[.int(200)]])
  }

  @Test func `a file opened for reading refuses writes and is read`() async throws {
    _ = try await fill()
    let database = try await open(isReadOnly: true)
    #expect(database.refusal?.code == "journal.read_only")
    #expect(try await database.read("SELECT COUNT(*) FROM notes") == [[.int(200)]])
    let thrown = await code { () async throws(CallFailure) in _ = try await database.run("DELETE FROM notes") }
    #expect(thrown == "journal.read_only")
  }

  @Test func `a file that could not be written is written once it can be`() async throws {
    await (try await fill()).close()
    // No index of the log can be made where a directory has its name.
    let obstacle = scratch.path + "-shm"
    try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
    let database = try await open()
    #expect(database.refusal != nil)
    let thrown = await code { () async throws(CallFailure) in _ = try await database.run("DELETE FROM notes") }
    #expect(thrown != nil)
    #expect(try await database.read("SELECT COUNT(*) FROM notes") == [[.int(200)]])
    try FileManager.default.removeItem(atPath: obstacle)
    try await database.run("DELETE FROM notes WHERE id < 100")
    #expect(database.refusal == nil)
    #expect(try await database.read("SELECT COUNT(*) FROM notes") == [[.int(101)]])
  }

  @Test func `a file that was removed takes no more writes`() async throws {
    let database = try await fill()
    try FileManager.default.removeItem(atPath: scratch.path)
    let thrown = await code { () async throws(CallFailure) in
      _ = try await database.run("INSERT INTO notes VALUES (999, 'lost')")
    }
    #expect(thrown == "journal.unavailable")
  }

  @Test func `a damaged page is reported, and nothing is written afterwards`() async throws {
    let database = try await fill()
    await database.close()
    let file = try FileHandle(forUpdating: URL(filePath: scratch.path))
    let size = try file.seekToEnd()
    for page in 2..<(size / 4096) {
      try file.seek(toOffset: page * 4096)
      try file.write(contentsOf: Data(repeating: 0xa5, count: 4096))
    }
    try file.close()

    let damaged = try await open()
    let read = await code { () async throws(CallFailure) in _ = try await damaged.read("SELECT * FROM notes") }
    #expect(read == "journal.corrupt")
    let written = await code { () async throws(CallFailure) in _ = try await damaged.run("CREATE TABLE more(id BIGINT)")
    }
    #expect(written == "journal.corrupt")
  }

  @Test func `a closed database is unavailable`() async throws {
    let database = try await fill()
    await database.close()
    let thrown = await code { () async throws(CallFailure) in _ = try await database.read("SELECT 1") }
    #expect(thrown == "journal.unavailable")
  }

  @Test func `a failure names the file and what to try`() {
    for code in [Int32(5), 8, 11, 13, 14, 26] {
      let failure = SQLiteFailure.of(SQLiteError(code: code, detail: "detail", path: "/var/j.sqlite"))
      #expect(failure.message.contains("/var/j.sqlite"), "\(code)")
      #expect(failure.hint != nil, "\(code)")
    }
    func code(_ code: Int32, _ systemErrors: [Int32]) -> String {
      SQLiteFailure.of(SQLiteError(code: code, systemErrors: systemErrors, detail: "", path: "j")).code
    }
    #expect(code(10, [ENOSPC, 0]) == "journal.full")
    #expect(code(14, [0, EROFS]) == "journal.read_only")
    #expect(code(10, [EIO, EROFS]) == "journal.unavailable")
  }
}

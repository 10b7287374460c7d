import Foundation
import JournalSQLite
import PrimitiveKit
import Synchronization
import Testing

@testable import Journal

struct AuditExportTests {
  let scratch = JournalScratch()

  private func lines(of journal: Journal, from seq: Int64? = nil) async -> (lines: [String], code: String?) {
    let lines = Mutex<[String]>([])
    let code = await code { () async throws(CallFailure) in
      try await journal.export(from: seq) { line in lines.withLock { $0.append(line) } }
    }
    return (lines.withLock { $0 }, code)
  }

  @Test func `every record is a line of JSON that says who did what`() async throws {
    let journal = try await scratch.filled()
    let (lines, code) = await lines(of: journal)
    #expect(code == nil)
    #expect(lines.count == 10)
    let values = try parsed(lines)
    #expect(values.map { $0["seq"] } == (1...10).map { .int($0) })
    let begin = values[0]["body"]
    #expect(begin["plan"] == .string("plan-1"))
    #expect(begin["arguments"]["speed"] == .string("routine"))
    #expect(begin["runbook"]["sha256"] == .string("abc"))
    #expect(begin["opsh"]["sha256"] == .string("d1"))
    let who = values[1]["body"]["who"]
    #expect(who["operator"] == .string("anna"))
    #expect(who["user"] == .string("root"))
    #expect(who["tty"] == .string("/dev/pts/1"))
    let intent = values[1]["body"]
    #expect(intent["operation"] == .table(["words": .string("a")]))
    #expect(intent["epoch"] == .int(7))
    #expect(intent["host"] == .string("web1"))
    #expect(values[2]["body"]["status"] == .string("done"))
    #expect(values[2]["body"]["outcome_sha256"] == .string(SHA256(hashing: "\"a\"".utf8).hex))
  }

  @Test func `an export begins where it is told to`() async throws {
    let journal = try await scratch.filled()
    #expect(await lines(of: journal, from: 9).lines.count == 2)
    #expect(await lines(of: journal, from: 11).lines.isEmpty)
  }

  @Test func `a record that was edited into something else stays one line`() async throws {
    let journal = try await scratch.filled()
    try await scratch.tamper("UPDATE audit SET body = '{\"broken' || char(10) || ' \"' WHERE seq = 3")
    let (lines, code) = await lines(of: journal)
    #expect(code == nil)
    #expect(lines.count == 10)
    #expect(try parsed(lines).count == 10)
  }

  @Test func `any body can be appended, and who did it is added`() async throws {
    let journal = try await scratch.journal()
    try await journal.append("lock.break", run: "r1", body: .table(["reason": .string("gone \"home\"\n\u{1}")]))
    try await journal.append("test.list", run: nil, body: .array([.int(1), .null, .bytes([0xff])]))
    let records = try await journal.timeline(of: "r1")
    #expect(records[0].value["reason"] == .string("gone \"home\"\n\u{1}"))
    #expect(records[0].value["who"]["operator"] == .string("anna"))
    let lines = await lines(of: journal).lines
    #expect(lines[1].contains("\"value\":[1,null,{\"$bytes\":\"/w==\"}]"))
  }

  @Test func `what can be read of a damaged journal is saved`() async throws {
    let journal = try await scratch.journal()
    for index in 0..<1500 { try await journal.append("test.event", run: "r\(index)", body: .int(index)) }
    await (journal.database as? SQLiteDatabase)?.close()
    let file = try FileHandle(forUpdating: URL(filePath: scratch.path))
    let size = try file.seekToEnd()
    // The last pages: records, and not the tables' roots.
    for page in (size / 4096 - 40)..<(size / 4096 - 20) {
      try file.seek(toOffset: page * 4096)
      try file.write(contentsOf: Data(repeating: 0x5a, count: 4096))
    }
    try file.close()

    let damaged = try await scratch.journal()
    let (lines, code) = await lines(of: damaged)
    #expect(code == "journal.corrupt")
    #expect(lines.count > 800)
    #expect(lines.count < 1500)
    let report = try await damaged.verify()
    #expect(report.count == lines.count)
    #expect(report.problems.contains { $0.kind == .unreadable })
    let written = await JournalTests.code { () async throws(CallFailure) in try await damaged.beginDeploy("r") }
    #expect(written == "journal.corrupt")
  }
}

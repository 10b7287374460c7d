import Foundation
import PrimitiveKit
import Testing

@testable import Journal

struct AuditVerifyTests {
  let scratch = JournalScratch()

  @Test func `an untouched journal is intact`() async throws {
    let report = try await scratch.filled().verify()
    #expect(report == AuditReport(count: 10, anchorCount: 1, problems: [], problemCount: 0))
    let empty = JournalScratch()
    #expect(try await empty.journal().verify().isIntact)
  }

  @Test(arguments: [
    "body = replace(body, 'desk', 'dusk')", "body = body || ' '", "at = at + 1", "run = 'r2'", "event = 'run.note'",
    "previous = ''", "hash = 'f' || substr(hash, 2, 63) || 'x'",
  ])
  func `an edited record is named`(change: String) async throws {
    let journal = try await scratch.filled()
    try await scratch.tamper("UPDATE audit SET \(change) WHERE seq = 5")
    let report = try await journal.verify()
    let problem = try #require(report.problems.first { $0.kind == .edited })
    #expect(problem.seq == 5)
    #expect(problem.run == (change.hasPrefix("run") ? "r2" : "r1"))
    #expect(problem.message.contains("5"))
  }

  @Test func `an edited record with a hash that fits is found by the next one`() async throws {
    let journal = try await scratch.filled()
    let record = try await journal.timeline(of: "r1")[4]
    let forged = record.with(body: record.body + " ")
    try await scratch.tamper(
      "UPDATE audit SET body = body || ' ', hash = '\(forged.expectedHash)' WHERE seq = \(record.seq)"
    )
    #expect(try await journal.verify().found == ["edited 5"])
  }

  @Test(arguments: [(5, 5, "5"), (1, 1, "1"), (3, 6, "3 to 6")])
  func `removed records are named`(first: Int, last: Int, places: String) async throws {
    let journal = try await scratch.filled()
    try await scratch.tamper("DELETE FROM audit WHERE seq BETWEEN \(first) AND \(last)")
    let report = try await journal.verify()
    #expect(report.problems[0].kind == .removed)
    #expect(report.problems[0].seq == Int64(first))
    #expect(report.problems[0].message.contains("number \(places)"))
    #expect(report.problems[0].run == "r1")
  }

  @Test func `records that changed places are named`() async throws {
    let journal = try await scratch.filled()
    try await scratch.tamper(
      "UPDATE audit SET seq = 999 WHERE seq = 4",
      "UPDATE audit SET seq = 4 WHERE seq = 7",
      "UPDATE audit SET seq = 7 WHERE seq = 999"
    )
    let report = try await journal.verify()
    #expect(report.problems.filter { $0.kind == .reordered }.map(\.seq) == [4, 7])
    #expect(report.problems.contains { $0.message.contains("written as number 7") })
  }

  @Test func `a removed record is named although those after it were renumbered`() async throws {
    let journal = try await scratch.filled()
    try await scratch.tamper(
      "DELETE FROM audit WHERE seq = 5",
      "UPDATE audit SET seq = -seq + 1 WHERE seq > 5",
      "UPDATE audit SET seq = -seq WHERE seq < 0",
      "UPDATE audit_head SET seq = 9"
    )
    let report = try await journal.verify()
    #expect(report.problems.contains { $0.kind == .removed && $0.message.contains("record 5 was removed") })
  }

  @Test func `a cut end is named by the head, and by the run it belongs to`() async throws {
    let journal = try await scratch.filled()
    try await scratch.tamper("DELETE FROM audit WHERE seq > 7")
    let problem = try #require(try await journal.verify().problems.first { $0.kind == .truncated })
    #expect(problem.seq == 8)
    #expect(problem.run == "r1")
    #expect(problem.message.contains("8 to 10"))
  }

  @Test func `a cut end with a head that fits is found by the anchor`() async throws {
    let journal = try await scratch.filled()
    try await scratch.forge { Array($0.dropLast()) }
    let problem = try #require(try await journal.verify().problems.first)
    #expect(problem.kind == .truncated)
    #expect(problem.seq == 10)
    #expect(problem.run == "r1")
  }

  @Test func `a cut end without an anchor is found by the rows, and the missing anchor as well`() async throws {
    let journal = try await scratch.filled()
    try await scratch.forge { Array($0.dropLast(4)) }
    try FileManager.default.removeItem(atPath: scratch.anchor.path)
    let found = try await journal.verify().found
    #expect(found.contains("truncated 8"))
    #expect(found.contains("anchor 10"))
  }

  @Test func `an edited anchor is named`() async throws {
    let journal = try await scratch.filled()
    let line = try String(contentsOfFile: scratch.anchor.path, encoding: .utf8)
    let hash = try #require(try await journal.timeline(of: "r1").last?.hash)
    try line.replacing(hash, with: String(repeating: "0", count: 64))
      .write(toFile: scratch.anchor.path, atomically: true, encoding: .utf8)
    #expect(try await journal.verify().found == ["edited 10"])
    try "no JSON\n".write(toFile: scratch.anchor.path, atomically: true, encoding: .utf8)
    #expect(try await journal.verify().found == ["anchor 10", "anchor 10"])
    try "".write(toFile: scratch.anchor.path, atomically: true, encoding: .utf8)
    #expect(try await journal.verify().found == ["anchor 10"])
    try FileManager.default.removeItem(atPath: scratch.anchor.path)
    #expect(try await journal.verify().found == ["anchor 10"])
  }

  @Test func `a chain that was rewritten as a whole is found by the anchor`() async throws {
    let journal = try await scratch.filled()
    try await scratch.forge { records in
      records.map { $0.seq == 4 ? $0.with(body: $0.body.replacing("\"operation\"", with: "\"operatiom\"")) : $0 }
    }
    #expect(try await journal.verify().found == ["edited 10"])
  }

  @Test func `a chain that was rewritten without an operation is found by the operation`() async throws {
    let journal = try await Journal.open(try await scratch.database(), identity: .anna)
    try await journal.beginDeploy("r1")
    for words in ["a", "b", "c"] { try await journal.perform(words, in: "r1") }
    try await scratch.forge { $0.filter { $0.seq != 2 && $0.seq != 3 } }
    let report = try await journal.verify()
    #expect(!report.isIntact)
    #expect(report.problems.contains { $0.run == "r1" && $0.message.contains("operation.intend") })
  }

  @Test func `an edited head is named and stops writing`() async throws {
    let journal = try await scratch.filled()
    try await scratch.tamper("UPDATE audit_head SET hash = '\(String(repeating: "0", count: 64))'")
    #expect(try await journal.verify().found == ["edited 10"])
    let next = try await scratch.journal()
    #expect(next.refusal?.code == "journal.corrupt")
    #expect(await code { () async throws(CallFailure) in try await next.beginDeploy("r2") } == "journal.corrupt")
    #expect(try await next.runs().map(\.id) == ["r1"])
  }

  @Test func `another journal in the place of the old one is noticed`() async throws {
    _ = try await scratch.filled()
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: scratch.path + suffix) }
    let journal = try await scratch.filled()
    let report = try await journal.verify()
    #expect(report.found == ["anchor 10"])
    #expect(report.problems[0].message.contains("another journal"))
  }

  @Test func `an edited text is named`() async throws {
    let journal = try await scratch.journal()
    _ = journal.texts.intern("rm nothing")
    try await journal.beginDeploy("r1")
    try await scratch.tamper("UPDATE texts SET content = 'rm everything'")
    #expect(try await journal.verify().found == ["edited 1"])
  }

  @Test func `the last record of a process is anchored, whoever wrote it`() async throws {
    let journal = try await scratch.filled()
    let locks = LockStore(journal)
    let holder = LockHolder(journal.identity)
    _ = try await locks.take([LockScope(path: ["host", "web1"])], claim: "c", holder: holder, reason: "a look")
    try await locks.release("c")
    #expect(scratch.anchor.newest(of: journal.id)?.seq == 10)
    await journal.anchorNewest()
    #expect(scratch.anchor.newest(of: journal.id)?.seq == 12)
    await journal.anchorNewest()
    #expect(try await journal.verify().anchorCount == 2, "there was nothing new")
    try await scratch.forge { Array($0.dropLast()) }
    #expect(try await journal.verify().found.contains("truncated 12"))
  }

  @Test func `long journals are verified in pages and anchored on the way`() async throws {
    let journal = try await scratch.journal()
    for index in 0..<1100 { try await journal.append("test.event", run: nil, body: .int(index)) }
    let report = try await journal.verify()
    #expect(report.count == 1100)
    #expect(report.anchorCount == 1)
    #expect(report.isIntact)
  }

  @Test(arguments: 0..<60)
  func `no single change stays unseen`(seed: Int) async throws {
    var random = SplitMix64(seed: UInt64(seed))
    let journal = try await scratch.filled()
    let seq = Int.random(in: 1...10, using: &random)
    let other = (seq + Int.random(in: 0...8, using: &random)) % 10 + 1
    switch seed % 6 {
    case 0: try await scratch.tamper("UPDATE audit SET body = replace(body, 'a', 'b') WHERE seq = \(seq)")
    case 1: try await scratch.tamper("DELETE FROM audit WHERE seq = \(seq)")
    case 2:
      try await scratch.tamper(
        "UPDATE audit SET seq = 99 WHERE seq = \(seq)",
        "UPDATE audit SET seq = \(seq) WHERE seq = \(other)",
        "UPDATE audit SET seq = \(other) WHERE seq = 99"
      )
    case 3: try await scratch.forge { Array($0.dropLast(seq)) }
    case 4: try await scratch.forge { $0.filter { $0.seq != seq } }
    default: try await scratch.forge { $0.map { $0.seq == seq ? $0.with(body: "{}") : $0 } }
    }
    let report = try await journal.verify()
    #expect(!report.isIntact, "\(seed % 6) \(seq) \(other)")
  }
}

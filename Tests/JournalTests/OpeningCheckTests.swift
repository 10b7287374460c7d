import Foundation
import Testing

@testable import Journal
@testable import PrimitiveKit

/// What is seen of a damaged journal when it is opened, before anything is written.
struct OpeningCheckTests {
  let scratch = JournalScratch()

  @Test(arguments: [
    ("DELETE FROM audit", "UPDATE audit_head SET seq = 0, hash = ''", "has record 10"),
    (
      "DELETE FROM audit WHERE seq > 7", "UPDATE audit_head SET seq = 7, hash = (SELECT hash FROM audit WHERE seq = 7)",
      "ends with audit record 7"
    ),
    ("DELETE FROM audit WHERE seq = 4", "SELECT 1", "audit record 4"),
    ("DELETE FROM audit WHERE seq < 3", "SELECT 1", "audit record 2"),
    ("UPDATE audit SET body = '{}' WHERE seq = 5", "SELECT 1", "audit record 5"),
    ("UPDATE audit_head SET seq = 11", "SELECT 1", "not the last one written"),
  ])
  func `a journal that was cut or changed takes nothing`(first: String, second: String, words: String) async throws {
    _ = try await scratch.filled()
    try await scratch.tamper(first, second)
    let journal = try await scratch.journal()
    await expectFailure("journal.corrupt", saying: words) { () async throws(CallFailure) in
      try await journal.beginDeploy("r2")
    }
    await expectFailure("journal.corrupt", saying: "opsh audit accept --reason") { () async throws(CallFailure) in
      try await journal.perform("z", in: "r1")
    }
    #expect(try await journal.runs().map(\.id) == ["r1"], "it is still read")
  }

  @Test func `a chain that was rewritten as a whole is refused by the anchor`() async throws {
    _ = try await scratch.filled()
    try await scratch.forge { $0.map { $0.seq == 3 ? $0.with(body: "{}") : $0 } }
    #expect(try await scratch.journal().refusal?.message.contains("audit record 10 differs from") == true)
  }

  @Test func `a longer journal is looked at from its end`() async throws {
    let journal = try await scratch.filled()
    for index in 0..<300 { try await journal.append("test.event", run: nil, body: .int(index)) }
    #expect(try await scratch.journal().refusal == nil)
    try await scratch.tamper("DELETE FROM audit WHERE seq = 20")
    #expect(try await scratch.journal().refusal == nil, "too long ago for a look")
    try await scratch.tamper("DELETE FROM audit WHERE seq = 200")
    #expect(try await scratch.journal().refusal?.code == "journal.corrupt")
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `what verify found stops every process until somebody accepts it`(kind: EveryDatabaseTests.Kind) async throws {
    let databases = try await EveryDatabaseTests.databases(kind, scratch)
    let old = try await Journal.open(databases[0], identity: .anna, anchor: scratch.anchor)
    try await old.beginDeploy("r1")
    try await old.perform("a", in: "r1")
    try await databases[1].transaction { (session) throws(CallFailure) in
      _ = try await session.query("UPDATE operations SET state = 'failed'", [])
    }
    let other = try await Journal.open(databases[1], identity: .ben, anchor: scratch.anchor)
    #expect(other.refusal == nil, "a row is no record")
    #expect(try await other.verify().problemCount == 1)
    await expectFailure("journal.corrupt", saying: "its state (failed; it was done)") {
      () async throws(CallFailure) in try await old.perform("b", in: "r1")
    }
    let next = try await Journal.open(databases[1], identity: .ben, anchor: scratch.anchor)
    #expect(next.refusal?.code == "journal.corrupt")
    _ = try await next.accept(reason: "a test")
    try await old.perform("b", in: "r1")
    #expect(try await Journal.open(databases[0], identity: .ben, anchor: scratch.anchor).refusal == nil)
  }
}

import Foundation
import Testing

@testable import Journal
@testable import PrimitiveKit

/// Going on with a journal that something is wrong with.
struct AcceptanceTests {
  let scratch = JournalScratch()

  @Test func `a journal goes on once a person accepted what was found`() async throws {
    _ = try await scratch.filled()
    try await scratch.forge { Array($0.dropLast(3)) }
    try await scratch.tamper("UPDATE operations SET outcome = '1' WHERE key = 'a'")
    let damaged = try await scratch.journal()
    #expect(damaged.refusal?.code == "journal.corrupt")
    let found = try await damaged.accept(reason: "restored from Tuesday")
    #expect(!found.isIntact)

    let journal = try await scratch.journal()
    #expect(journal.refusal == nil)
    try await journal.beginDeploy("r2")
    try await journal.perform("a", in: "r2")
    try await journal.update("r2", state: .ok, reason: nil, exitCode: 0)
    let report = try await scratch.journal().verify()
    #expect(report.problems == [])
    #expect(report.accepted.count == 1)
    #expect(report.accepted[0].contains("accepted by anna: restored from Tuesday"))
    #expect(try await scratch.journal().refusal == nil)

    try await scratch.tamper("UPDATE operations SET outcome = '2' WHERE run = 'r2'")
    let again = try await scratch.journal().verify()
    #expect(again.problems.map(\.run) == ["r2"])
    #expect(try await scratch.journal().refusal?.code == "journal.corrupt")
  }

  @Test(arguments: [
    "DELETE FROM audit WHERE seq = 4", "UPDATE audit SET body = '{}' WHERE seq = 10", "DELETE FROM audit_head",
    "UPDATE audit_head SET seq = 400", "DELETE FROM audit WHERE seq > 6", "DELETE FROM audit",
    "DELETE FROM operations", "UPDATE runs SET state = 'failed'",
  ])
  func `whatever was done to it, what was accepted is not found again`(statement: String) async throws {
    _ = try await scratch.filled()
    try await scratch.tamper(statement)
    _ = try await scratch.journal().accept(reason: "known")
    let journal = try await scratch.journal()
    #expect(journal.refusal == nil)
    try await journal.beginDeploy("r2")
    #expect(try await journal.verify().problems == [])
    try await scratch.tamper("UPDATE runs SET name = 'x' WHERE id = 'r2'")
    #expect(try await journal.verify().problems.map(\.run) == ["r2"])
  }

  @Test func `an acceptance that the anchors do not know accepts nothing`() async throws {
    _ = try await scratch.filled()
    try await scratch.tamper("UPDATE operations SET outcome = '1' WHERE key = 'a'")
    _ = try await scratch.journal().accept(reason: "mine")
    #expect(try await scratch.journal().verify().isIntact)
    let lines = try String(contentsOfFile: scratch.anchor.path, encoding: .utf8).split(separator: "\n")
    try lines.dropLast().joined(separator: "\n").write(toFile: scratch.anchor.path, atomically: true, encoding: .utf8)
    let report = try await scratch.journal().verify()
    #expect(report.problems.map(\.kind).contains(.edited))
    #expect(report.accepted.isEmpty)
  }

  @Test func `a decision needs a reason, and something to decide`() async throws {
    let journal = try await scratch.filled()
    await expectFailure("call.argument", saying: "--reason") { () async throws(CallFailure) in
      _ = try await journal.accept(reason: " ")
    }
    await expectFailure("audit.intact", saying: "nothing to accept") { () async throws(CallFailure) in
      _ = try await journal.accept(reason: "no harm done")
    }
  }
}

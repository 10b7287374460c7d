import Foundation
import JournalSQLite
import PrimitiveKit
import Testing

@testable import Journal
@testable import JournalCare

struct PruneTests {
  let scratch: CareScratch
  private static let day: Int64 = 86_400_000

  init() throws { scratch = try CareScratch() }

  private var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

  /// Makes everything that the journal holds older, as if nothing had happened since; the chain is made anew with it.
  private func age(_ place: JournalPlace, days: Int64) async throws {
    let database = try await place.open()
    try await database.transaction { (session) throws(CallFailure) in
      let by = days * PruneTests.day
      try await session.query(
        "UPDATE runs SET started_at = started_at - \(by), updated_at = updated_at - \(by), ended_at = ended_at - \(by)",
        []
      )
      var previous = ""
      let rows = try await session.query("SELECT seq, at, run, event, body FROM audit ORDER BY seq", [])
      for row in rows {
        let (seq, at) = (row[0].int ?? 0, (row[1].int ?? 0) - by)
        let hash = AuditChain.hash(
          previous: previous,
          seq: seq,
          at: at,
          run: row[2].text ?? "",
          event: row[3].text ?? "",
          body: row[4].text ?? ""
        )
        try await session.query(
          "UPDATE audit SET at = $2, previous = $3, hash = $4 WHERE seq = $1",
          [.int(seq), .int(at), .text(previous), .text(hash)]
        )
        previous = hash
      }
      try await session.query("UPDATE audit_head SET hash = $1", [.text(previous)])
      try await session.query("DELETE FROM anchors", [])
    }
    await JournalCare.close(database)
    try? FileManager.default.removeItem(atPath: scratch.anchor.path)
  }

  @Test(arguments: CareScratch.Kind.allCases)
  func `old runs go with everything only they need, and the chain stays whole`(kind: CareScratch.Kind) async throws {
    let place = try await scratch.place(kind)
    try await scratch.with(place) { journal in for number in 0..<30 { try await journal.write("old\(number)") } }
    try await age(place, days: 100)
    try await scratch.with(place) { journal in for number in 0..<5 { try await journal.write("new\(number)") } }
    let care = scratch.care(place)
    let records = try await care.standing().head
    let before = now - 90 * PruneTests.day

    let dry = try await care.prune(before: before, isDry: true)
    #expect(dry.runs == 30 && dry.operations == 30 && dry.steps == 30 && dry.reads == 30)
    // The text of each operation and of each runbook.
    #expect(dry.texts == 60 && dry.bytes > 30 * 400)
    #expect(try await care.standing().runs == 35)

    let report = try await care.prune(before: before, isDry: false)
    #expect(report == dry)
    #expect(try await care.standing().runs == 5)
    #expect(try await care.standing().texts == 10)
    #expect(try await care.standing().head == records + 2)
    let checked = try await care.check()
    #expect(checked.problems == [], "\(checked)")
    // Again there is nothing to do, and nothing is written.
    #expect(try await care.prune(before: before, isDry: false) == PruneReport())
    #expect(try await care.standing().head == records + 2)
    try await scratch.with(place) { journal in
      #expect(try await journal.operations(of: "new1", withTexts: true).count == 1)
      #expect(try await journal.timeline(of: "old1").isEmpty == false)
      // Somebody who removes the rows of another run is found out all the same.
      try await journal.write("last")
    }
    try await scratch.tamper(place, "DELETE FROM operations WHERE run = 'new2'")
    #expect(try await care.check().problems.contains { $0.contains("of run new2 was removed") })
  }

  @Test func `what is unfinished, unresolved or needed stays`() async throws {
    let place = try await scratch.place(.file)
    try await scratch.with(place) { journal in
      for state in [RunState.ok, .partial, .failed, .halted, .cancelled, .rolledBack] {
        try await journal.write("\(state)", state: state)
      }
      for state in [RunState.interrupted, .detached, .unknown, .rollbackFailed] {
        try await journal.write("\(state)", state: state)
      }
      try await journal.write("doubt")
      try await journal.write("parent", state: .rolledBack)
      try await journal.write("grandparent")
    }
    try await scratch.tamper(place, "UPDATE operations SET state = 'unknown' WHERE run = 'doubt'")
    try await age(place, days: 100)
    try await scratch.with(place) { journal in try await journal.write("child", parent: "parent") }
    try await scratch.tamper(place, "UPDATE runs SET parent = 'grandparent' WHERE id = 'parent'")
    let report = try await scratch.care(place).prune(before: now - 90 * PruneTests.day, isDry: false)
    #expect(report.runs == 6 && report.kept == 7)
    let left = try await scratch.with(place) { try await $0.runs().map(\.id).sorted() }
    #expect(
      left == ["child", "detached", "doubt", "grandparent", "interrupted", "parent", "rollbackFailed", "unknown"]
    )
  }

  @Test func `a text that a session uses again is written again after a pruning`() async throws {
    let place = try await scratch.place(.file)
    let long = String(repeating: "shared ", count: 100)
    let session = try await Journal.open(try await place.open(), identity: .anna, anchor: scratch.anchor)
    try await session.write("r1")
    let hash = session.texts.intern(long)
    try await session.note(run: "r1", text: "saves the text")
    #expect(try await session.text(hash) == long)
    try await age(place, days: 100)
    // Nothing refers to it.
    #expect(try await scratch.care(place).prune(before: now - 90 * PruneTests.day, isDry: false).texts > 0)
    #expect(try await session.text(hash) == nil)
    #expect(session.texts.intern(long) == hash)
    try await session.note(run: "r1", text: "finds out that something was pruned")
    #expect(try await session.text(hash) == long)
    await JournalCare.close(session.database)
  }

  @Test(arguments: [
    ("90d", Int64(7_776_000_000)), ("2w", Int64(1_209_600_000)), ("36h", Int64(129_600_000)), ("0d", Int64(0)),
  ])
  func `a time is so long ago`(text: String, ago: Int64) throws {
    #expect(try PruneTime.milliseconds(text, now: 1_800_000_000_000) == 1_800_000_000_000 - ago)
  }

  @Test func `a time is the beginning of a day`() throws {
    #expect(try PruneTime.milliseconds("2026-08-01", now: 0) == 1_785_542_400_000)
    #expect(try PruneTime.milliseconds("1970-01-01", now: 0) == 0)
    #expect(try PruneTime.milliseconds("2024-02-29", now: 0) == 1_709_164_800_000)
    for text in ["", "90", "d", "2026-13-01", "2026-02-30", "yesterday", "-1d"] {
      #expect(throws: CallFailure.self) { try PruneTime.milliseconds(text, now: 0) }
    }
  }
}

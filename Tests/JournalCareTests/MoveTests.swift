import Foundation
import Journal
import JournalSQLite
import PrimitiveKit
import Testing

@testable import JournalCare

struct MoveTests {
  let scratch: CareScratch

  init() throws { scratch = try CareScratch() }

  @Test(arguments: CareScratch.Kind.allCases, CareScratch.Kind.allCases)
  func `a journal moves with everything, and the old one says where it went`(
    from: CareScratch.Kind,
    to: CareScratch.Kind
  ) async throws {
    let place = try await scratch.place(from)
    try await scratch.with(place) { journal in for number in 0..<3 { try await journal.write("r\(number)") } }
    let before = try await scratch.content(place, without: ["meta", "anchors", "audit", "audit_head"])
    let target = try await scratch.place(to, "moved")
    let standing = try await scratch.care(place).move(to: target, reason: "shared now")
    #expect(standing.runs == 3)
    #expect(try await scratch.content(target, without: ["meta", "anchors", "audit", "audit_head"]) == before)
    let moved = JournalCare(
      place: target,
      anchor: AnchorFile(path: "\(scratch.directory)/other.anchor"),
      identity: .anna
    )
    #expect(try await moved.check().problems == [])
    // Anchors of the old place are true of the new one: the journal is the same one.
    let together = JournalCare(
      place: target,
      anchor: AnchorFile(path: "\(scratch.directory)/third.anchor", older: scratch.anchor.path),
      identity: .anna
    )
    #expect(try await together.check().problems == [])
    #expect(FileManager.default.fileExists(atPath: scratch.anchor.path))
    try await scratch.with(place) { journal in
      #expect(journal.refusal?.code == "journal.moved")
      #expect(journal.refusal?.message.contains("was moved to \(target.name)") == true)
      let refused = await failure { try await journal.note(run: "r1", text: "x") }
      #expect(refused?.code == "journal.moved")
      // It can still be read.
      let runs = try await journal.runs()
      #expect(runs.count == 3)
    }
    #expect(try await scratch.care(place).standing().movedTo == target.name)
  }

  @Test func `a process that has it open is refused from the moment it moved`() async throws {
    let place = try await scratch.place(.file)
    let open = try await Journal.open(try await place.open(), identity: .anna, anchor: scratch.anchor)
    try await open.write("r1")
    _ = try await scratch.care(place).move(to: .file("\(scratch.directory)/moved"), reason: nil)
    let refused = await failure { try await open.write("r2") }
    #expect(refused?.code == "journal.moved")
    #expect(refused?.hint?.contains("set `journal = ") == true)
    await JournalCare.close(open.database)
  }

  @Test func `a journal in use, a place that is taken, and its own place are refused`() async throws {
    let place = try await scratch.place(.file)
    try await scratch.with(place) { try await $0.write("r1") }
    let other = try await scratch.place(.file, "other")
    try await scratch.with(other) { try await $0.write("r9") }
    let app = try await SQLiteDatabase.open("\(scratch.directory)/app")
    try await app.transaction { (session) throws(CallFailure) in
      _ = try await session.query("CREATE TABLE users(id BIGINT PRIMARY KEY)", [])
    }
    await app.close()
    let care = scratch.care(place)
    for (target, words) in [
      (other, "already contains a journal"), (place, "is its current place"),
      (.file("\(scratch.directory)/app"), "is a database used for something else"),
    ] {
      let refused = await failure { _ = try await care.move(to: target, reason: nil) }
      #expect(
        refused?.code == "move.refused" && refused?.message.contains(words) == true,
        "\(String(describing: refused))"
      )
    }
    try await scratch.with(place) { journal in
      try await journal.begin(RunHeader(id: "live", name: "deploy", kind: .runbook, identity: .alive))
    }
    let alive = JournalCare(place: place, anchor: scratch.anchor, identity: .alive)
    let used = await failure { _ = try await alive.move(to: .file("\(scratch.directory)/x"), reason: nil) }
    #expect(used?.message.contains("it is in use") == true)
    #expect(try scratch.files("x").isEmpty)
  }

  @Test func `a move that was killed between its two ends is ended by a second try`() async throws {
    let place = try await scratch.place(.file)
    let target = try await scratch.place(.file, "moved")
    try await scratch.with(place) { try await $0.write("r1") }
    let care = scratch.care(place)
    _ = try await care.move(to: target, reason: nil)
    // As if the old journal had not been marked any more.
    try await scratch.tamper(
      place,
      "DELETE FROM meta WHERE name = 'moved'",
      "DELETE FROM audit WHERE event = 'journal.moved'",
      "UPDATE audit_head SET seq = (SELECT MAX(seq) FROM audit), hash = (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1)"
    )
    try FileManager.default.removeItem(atPath: scratch.anchor.path)
    try await scratch.tamper(place, "DELETE FROM anchors")
    try await scratch.with(place) { try await $0.write("r2") }
    #expect(try await care.move(to: target, reason: nil).runs == 2)
  }
}

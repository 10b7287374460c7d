import Foundation
import Journal
import JournalSQLite
import PrimitiveKit
import Testing

@testable import JournalCare

struct RestoreTests {
  let scratch: CareScratch

  init() throws { scratch = try CareScratch() }

  /// A journal of two runs with a backup of it.
  private func backedUp(_ kind: CareScratch.Kind) async throws -> JournalPlace {
    let place = try await scratch.place(kind)
    try await scratch.with(place) { journal in
      try await journal.write("r1")
      try await journal.write("r2")
    }
    _ = try await scratch.care(place).backUp(to: scratch.backup)
    return place
  }

  private func lose(_ place: JournalPlace) throws {
    guard case .file(let path) = place else { return }
    for end in ["", "-wal", "-shm", ".anchor"] { try? FileManager.default.removeItem(atPath: path + end) }
  }

  private func mark(_ place: JournalPlace) async throws -> String? {
    try await scratch.with(place) { journal in
      try await journal.database.reading { (session) throws(CallFailure) in
        try await JournalMark.epochsUnsure.read(session)
      }
    }
  }

  @Test func `a lost journal comes back, and hosts are asked for their epochs first`() async throws {
    let place = try await backedUp(.file)
    let before = try await scratch.content(place)
    #expect(try await mark(place) == nil)
    try lose(place)
    let restored = try await scratch.care(place).restore(from: scratch.backup, reason: nil)
    #expect(restored.lost == JournalLoss() && restored.standing.runs == 2)
    #expect(try await mark(place) == "1")
    let after = try await scratch.content(place, without: ["meta", "anchors", "audit", "audit_head"])
    #expect(after == before.filter { !$0.hasPrefix("audit") })
    // It is a journal like any other.
    try await scratch.with(place) { try await $0.write("r3") }
    #expect(try await scratch.care(place).check().problems == [])
    #expect(try scratch.files("journal.partial").isEmpty)
  }

  @Test func `hosts are asked for their epochs until they are locked anew`() async throws {
    let place = try await scratch.place(.file)
    let scope = try #require(LockScope("host/web1"))
    let request = LockRequest(scopes: [scope], claim: "c1", holder: LockHolder(.anna), duration: .seconds(60))
    try await scratch.with(place) { journal in
      try await journal.write("r1")
      _ = try await LockStore(journal).acquire(request)
      try await LockStore(journal).release("c1")
      #expect(try await LockStore(journal).unknown(of: [scope]).isEmpty)
    }
    _ = try await scratch.care(place).backUp(to: scratch.backup)
    try lose(place)
    _ = try await scratch.care(place).restore(from: scratch.backup, reason: nil)
    try await scratch.with(place) { journal in
      #expect(try await LockStore(journal).unknown(of: [scope]) == [scope])
      _ = try await LockStore(journal).acquire(request)
      #expect(try await LockStore(journal).unknown(of: [scope]).isEmpty)
    }
  }

  @Test(arguments: CareScratch.Kind.allCases, CareScratch.Kind.allCases)
  func `a backup of either database is restored into either`(from: CareScratch.Kind, to: CareScratch.Kind) async throws
  {
    let place = try await backedUp(from)
    let other = try await scratch.place(to, "other")
    let care = JournalCare(place: other, anchor: nil, identity: .anna)
    _ = try await care.restore(from: scratch.backup, reason: nil)
    let tables: Set = ["meta", "anchors", "audit", "audit_head"]
    #expect(try await scratch.content(other, without: tables) == scratch.content(place, without: tables))
    #expect(try await care.check().problems == [])
  }

  @Test(arguments: CareScratch.Kind.allCases)
  func `a journal that is newer or in use is overwritten only when it is forced`(kind: CareScratch.Kind) async throws {
    let place = try await backedUp(kind)
    let care = scratch.care(place)
    // Nothing was written since: restoring loses nothing.
    _ = try await care.restore(from: scratch.backup, reason: nil)
    try await scratch.with(place) { try await $0.write("r3") }
    let newer = await failure { _ = try await care.restore(from: scratch.backup, reason: nil) }
    #expect(newer?.code == "restore.refused")
    #expect(newer?.message.contains("it is newer: ") == true, "\(String(describing: newer))")
    try await scratch.with(place) { journal in
      try await journal.begin(RunHeader(id: "live", name: "deploy", kind: .runbook, identity: .alive))
    }
    let used = await failure {
      _ = try await JournalCare(place: place, anchor: scratch.anchor, identity: .alive)
        .restore(from: scratch.backup, reason: nil)
    }
    #expect(used?.message.contains("it is in use: run live (deploy)") == true, "\(String(describing: used))")
    #expect(try await care.standing().runs == 4)

    let restored = try await care.restore(from: scratch.backup, reason: "the disk lied")
    // Its two runs beyond the backup, and all that was written down since.
    #expect(restored.lost.runs == ["live", "r3"] && restored.lost.runCount == 2)
    #expect(restored.lost.records > 2)
    let record = try #require(try await scratch.with(place) { try await $0.restoreRecord() })
    #expect(record.contains("\"lost\":\(restored.lost.records)") && record.contains("\"live\""), "\(record)")
    #expect(try await care.standing().runs == 2)
    #expect(try await mark(place) == "1")
    // What the anchors know beyond it is part of every later report, and no place of the chain is used twice.
    let checked = try await care.check()
    #expect(checked.problems == [])
    #expect(checked.accepted.contains { $0.contains("the disk lied") }, "\(checked)")
    try await scratch.with(place) { try await $0.write("r3") }
  }

  @Test(arguments: CareScratch.Kind.allCases)
  func `a lock taken by hand since the backup is named as lost`(kind: CareScratch.Kind) async throws {
    let place = try await scratch.place(kind)
    let holder = LockHolder(.anna)
    let hosts = ["web1", "web2"].map { LockScope(path: ["host", $0]) }
    try await scratch.with(place) { journal in
      _ = try await LockStore(journal).take([hosts[0]], claim: "before", holder: holder, reason: "its clock")
    }
    _ = try await scratch.care(place).backUp(to: scratch.backup)
    try await scratch.with(place) { journal in
      _ = try await LockStore(journal).take([hosts[1]], claim: "since", holder: holder, reason: "its disk")
    }
    let restored = try await scratch.care(place).restore(from: scratch.backup, reason: "practice")
    #expect(restored.lost.locks == ["the lock of anna on host/web2"])
    let record = try #require(try await scratch.with(place) { try await $0.restoreRecord() })
    #expect(record.contains("the lock of anna on host/web2") && !record.contains("host/web1"), "\(record)")
  }

  @Test func `another journal is not overwritten`() async throws {
    _ = try await backedUp(.file)
    let other = try await scratch.place(.file, "other")
    try await scratch.with(other) { try await $0.write("r9") }
    let care = JournalCare(place: other, anchor: nil, identity: .anna)
    let refused = await failure { _ = try await care.restore(from: scratch.backup, reason: nil) }
    #expect(refused?.message.contains("it is not the journal that was backed up") == true)
    #expect(try await care.standing().runs == 1)
    _ = try await care.restore(from: scratch.backup, reason: "meant so")
    #expect(try await care.standing().runs == 2)
  }

  @Test func `a damaged journal is put aside and not lost`() async throws {
    let place = try await backedUp(.file)
    let path = "\(scratch.directory)/journal"
    try Data("no database, whatever its name says\n".utf8).write(to: URL(filePath: path))
    let care = scratch.care(place)
    let refused = await failure { _ = try await care.restore(from: scratch.backup, reason: nil) }
    #expect(refused?.code == "restore.refused" && refused?.message.contains("it is damaged") == true)
    let restored = try await care.restore(from: scratch.backup, reason: "the disk lied")
    let aside = try #require(restored.aside)
    #expect(try String(contentsOfFile: aside, encoding: .utf8).hasPrefix("no database"))
    #expect(try await care.check().problems == [])
  }

  @Test func `a wrong, an unreadable and a damaged file change nothing`() async throws {
    let place = try await backedUp(.file)
    let care = scratch.care(place)
    try lose(place)
    let files = FileManager.default
    try Data("return {}".utf8).write(to: URL(filePath: "\(scratch.directory)/site.lua"))
    let other = try await SQLiteDatabase.open("\(scratch.directory)/app.sqlite")
    try await other.transaction { (session) throws(CallFailure) in
      _ = try await session.query("CREATE TABLE users(id BIGINT PRIMARY KEY)", [])
    }
    await other.close()
    try files.copyItem(atPath: scratch.backup, toPath: "\(scratch.directory)/edited")
    try await scratch.tamper(.file("\(scratch.directory)/edited"), "DELETE FROM audit WHERE seq = 3")
    try files.copyItem(atPath: scratch.backup, toPath: "\(scratch.directory)/newer")
    try await scratch.tamper(.file("\(scratch.directory)/newer"), "UPDATE meta SET value = '99' WHERE name = 'schema'")
    for (file, code) in [
      ("site.lua", "backup.wrong_file"), ("app.sqlite", "backup.wrong_file"), ("edited", "backup.damaged"),
      ("newer", "backup.wrong_file"), ("gone", "backup.unreadable"),
    ] {
      let failed = await failure { _ = try await care.restore(from: "\(scratch.directory)/\(file)", reason: "x") }
      #expect(failed?.code == code, "\(file): \(String(describing: failed))")
    }
    #expect(try scratch.files("journal").filter { !$0.hasSuffix(".anchor") }.isEmpty)
    #expect(!files.fileExists(atPath: "\(scratch.directory)/gone"))
  }
}

extension Journal {
  /// What the newest record of a restore says.
  fileprivate func restoreRecord() async throws -> String? {
    try await database.reading { (session) throws(CallFailure) in
      try await session.query("SELECT body FROM audit WHERE event = 'journal.restore' ORDER BY seq DESC LIMIT 1", [])
        .first?.first?.text
    }
  }
}

import Foundation
import Journal
import JournalSQLite
import PrimitiveKit
import Testing

@testable import JournalCare

struct BackupTests {
  let scratch: CareScratch

  init() throws { scratch = try CareScratch() }

  @Test(arguments: CareScratch.Kind.allCases)
  func `a backup holds everything that the journal held`(kind: CareScratch.Kind) async throws {
    let place = try await scratch.place(kind)
    try await scratch.with(place) { journal in
      for number in 0..<150 { try await journal.write("r\(number)") }
    }
    let before = try await scratch.content(place)
    let copy = try await scratch.care(place).backUp(to: scratch.backup)
    #expect(copy.runs == 150 && copy.head > 0)
    // One file by itself, for its owner only.
    #expect(try scratch.files("backup") == ["backup"])
    #expect(try await BackupFile(path: scratch.backup).problems(.anna).isEmpty)
    #expect(try scratch.files("backup") == ["backup"])
    let mode = try FileManager.default.attributesOfItem(atPath: scratch.backup)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try await scratch.content(.file(scratch.backup)) == before)
    #expect(try await scratch.care(place).lastBackup() != nil)
  }

  @Test func `a journal is backed up while others write to it`() async throws {
    let place = try await scratch.place(.file)
    try await scratch.with(place) { journal in
      for number in 0..<20 { try await journal.write("r\(number)") }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { for number in 20..<60 { try await journal.write("r\(number)") } }
        for number in 0..<5 {
          group.addTask { [scratch] in
            _ = try await scratch.care(place).backUp(to: "\(scratch.backup)-\(number)")
          }
        }
        try await group.waitForAll()
      }
    }
    for number in 0..<5 {
      #expect(try await BackupFile(path: "\(scratch.backup)-\(number)").problems(.anna).isEmpty)
    }
  }

  @Test func `a backup takes the place of an older one of the same journal, and of nothing else`() async throws {
    let place = try await scratch.place(.file)
    try await scratch.with(place) { try await $0.write("r1") }
    let care = scratch.care(place)
    #expect(try await care.backUp(to: scratch.backup).runs == 1)
    try await scratch.with(place) { try await $0.write("r2") }
    #expect(try await care.backUp(to: scratch.backup).runs == 2)
    try await scratch.with(.file("\(scratch.directory)/other")) { try await $0.write("r1") }
    try Data("return {}".utf8).write(to: URL(filePath: "\(scratch.directory)/site.lua"))
    for (file, code) in [("other", "backup.exists"), ("site.lua", "backup.exists"), ("journal", "backup.self")] {
      #expect(await failure { _ = try await care.backUp(to: "\(scratch.directory)/\(file)") }?.code == code)
    }
    #expect(try String(contentsOfFile: "\(scratch.directory)/site.lua", encoding: .utf8) == "return {}")
  }

  @Test func `a backup that cannot be written leaves the older one`() async throws {
    let place = try await scratch.place(.file)
    try await scratch.with(place) { try await $0.write("r1") }
    let care = scratch.care(place)
    _ = try await care.backUp(to: scratch.backup)
    let gone = await failure { _ = try await care.backUp(to: "/proc/backup") }
    #expect(gone != nil)
    let missing = scratch.care(.file("\(scratch.directory)/nowhere"))
    let none = await failure { _ = try await missing.backUp(to: "\(scratch.directory)/x") }
    #expect(none?.code == "journal.missing")
    #expect(try scratch.files("nowhere").isEmpty && scratch.files("x").isEmpty)
    #expect(try scratch.files("backup") == ["backup"])
  }

  @Test(arguments: CareScratch.Kind.allCases)
  func `a check finds what was edited, and nothing in a journal that is whole`(kind: CareScratch.Kind) async throws {
    let place = try await scratch.place(kind)
    try await scratch.with(place) { journal in
      try await journal.write("r1")
      try await journal.write("r2")
    }
    let whole = try await scratch.care(place).check()
    #expect(whole.problems == [] && whole.standing.runs == 2)
    try await scratch.tamper(place, "DELETE FROM texts WHERE hash IN (SELECT hash FROM texts LIMIT 99)")
    let lost = try await scratch.care(place).check().problems
    #expect(lost.contains { $0.hasPrefix("the text ") && $0.hasSuffix("of run r1 is missing") }, "\(lost)")
    #expect(lost.contains { $0.hasSuffix("of deploy is missing; run r1 needs it") }, "\(lost)")
    try await scratch.tamper(place, "UPDATE runs SET state = 'failed' WHERE id = 'r2'")
    let edited = try await scratch.care(place).check().problems
    #expect(edited.contains { $0.contains("the row of run r2 was edited") }, "\(edited)")
  }

  @Test func `a check finds pages that are damaged`() async throws {
    let place = try await scratch.place(.file)
    try await scratch.with(place) { journal in for number in 0..<50 { try await journal.write("r\(number)") } }
    let path = "\(scratch.directory)/journal"
    var bytes = try Data(contentsOf: URL(filePath: path))
    for page in 6..<12 { for index in 0..<200 { bytes[page * 4096 + 100 + index] = 0xFF } }
    try bytes.write(to: URL(filePath: path))
    let found = await failure {
      let checked = try await scratch.care(place).check()
      #expect(!checked.problems.isEmpty)
      throw CallFailure(.failed, code: "found", message: "")
    }
    #expect(["found", "journal.corrupt"].contains(found?.code))
  }
}

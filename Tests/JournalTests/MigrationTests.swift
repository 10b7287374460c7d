import Foundation
import PrimitiveKit
import Testing

@testable import Journal

/// A journal that opsh 0.1.0 wrote: `Fixtures/journal-1.sql` is a dump of it.
struct MigrationTests {
  let scratch = JournalScratch()

  /// Both connections to a database that holds the journal of schema 1.
  private func older(_ kind: EveryDatabaseTests.Kind) async throws -> [any Database] {
    let databases = try await EveryDatabaseTests.databases(kind, scratch)
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/journal-1.sql")
    let statements = try String(contentsOf: file, encoding: .utf8).split(separator: ";\n\n").map(String.init)
    try await databases[0].transaction { (session) throws(CallFailure) in
      for statement in statements { try await session.query(statement, []) }
    }
    return databases
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `a journal of schema 1 is migrated once, and says so once`(kind: EveryDatabaseTests.Kind) async throws {
    let databases = try await older(kind)
    let journal = try await Journal.open(databases[0], identity: .anna)
    #expect(journal.refusal == nil)
    #expect(journal.notice?.hasPrefix("migrated from schema 1 to 2;") == true)
    #expect(try await Journal.open(databases[1], identity: .ben).notice == nil)
    #expect(try await journal.runs(RunFilter(states: [.ok, .failed])).map(\.name) == ["touch", "fleet.exec"])
    #expect(try await journal.verify().problems == [])
    try await journal.beginDeploy("r1")
    try await journal.perform("a", in: "r1")
    #expect(try await journal.verify().problems == [])
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `a run without a lock that its machine took along is interrupted`(kind: EveryDatabaseTests.Kind) async throws {
    let journal = try await Journal.open(try await older(kind)[0], identity: .anna)
    let run = try #require(try await journal.runs(RunFilter(states: [.interrupted])).first)
    #expect(run.name == "rest")
    #expect(try await journal.unresolved(run: run.id).map(\.kind) == ["host.exec"])
    try await journal.take(run.id, epoch: nil, claim: nil)
    #expect(try await journal.verify().problems == [])
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `many that open it at once migrate it once`(kind: EveryDatabaseTests.Kind) async throws {
    let databases = try await older(kind)
    let notices = try await withThrowingTaskGroup(of: String?.self) { group in
      for index in 0..<8 {
        group.addTask { try await Journal.open(databases[index % 2], identity: .anna).notice }
      }
      return try await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(notices.compactMap { $0 }.count == 1)
  }

  @Test func `it waits for the run of an older opsh`() async throws {
    let databases = try await older(.sqlite)
    try await scratch.hold("c1", until: .max)
    await expectFailure("journal.in_use", saying: "run r1") { () async throws(CallFailure) in
      _ = try await Journal.open(databases[0], identity: .anna)
    }
    try await scratch.hold("c1", until: 1)
    #expect(try await Journal.open(databases[0], identity: .anna).notice != nil)
  }

  @Test func `one that cannot be written says why`() async throws {
    let databases = try await older(.sqlite)
    _ = databases
    await expectFailure("journal.older_schema", saying: "it was opened for reading only") {
      () async throws(CallFailure) in
      _ = try await Journal.open(try await scratch.database(isReadOnly: true), identity: .anna)
    }
  }
}

import Foundation
import JournalPostgres
import PostgresTesting
import Testing

@testable import Journal
@testable import JournalSQLite
@testable import PrimitiveKit

struct JournalOpeningTests {
  let scratch = JournalScratch()

  @Test func `a journal of a newer opsh is read and not written`() async throws {
    let old = try await scratch.filled()
    try await scratch.tamper("UPDATE meta SET value = '3' WHERE name = 'schema'")
    let journal = try await scratch.journal()
    #expect(journal.refusal?.code == "journal.newer_schema")
    #expect(try await journal.runs().map(\.id) == ["r1"])
    await expectFailure("journal.newer_schema", saying: "schema 3") { () async throws(CallFailure) in
      try await journal.beginDeploy("r2")
    }
    // Nor does a process that was there before.
    await expectFailure("journal.newer_schema", saying: "schema 3") { () async throws(CallFailure) in
      try await old.perform("z", in: "r1")
    }
    #expect(try await old.verify().isIntact)
  }

  @Test func `a journal opened for reading lists runs and changes nothing`() async throws {
    _ = try await scratch.filled()
    let database = try await scratch.database(isReadOnly: true)
    let journal = try await Journal.open(database, identity: .anna, anchor: scratch.anchor)
    #expect(try await journal.runs().map(\.id) == ["r1"])
    #expect(try await journal.verify().isIntact)
    let thrown = await code { () async throws(CallFailure) in try await journal.perform("z", in: "r1") }
    #expect(thrown == "journal.read_only")
    #expect(await journal.obstacle()?.code == "journal.read_only")
  }

  @Test func `a server that takes no writes is known before one is tried`() async throws {
    let url = try await PostgresServer.shared().newSchema()
    _ = try await Journal.open(try PostgresDatabase(url: url), identity: .anna)
    #expect(try await PostgresDatabase(url: url).obstacle() == nil)
    let frozen = try PostgresDatabase(url: url + "%20-cdefault_transaction_read_only%3Don")
    let journal = try await Journal.open(frozen, identity: .anna)
    #expect(try await journal.runs().isEmpty)
    let obstacle = await journal.obstacle()
    #expect(obstacle?.code == "journal.read_only")
    #expect(obstacle?.message.contains("it is set to read-only") == true)
  }

  @Test func `a journal that is not there cannot be opened for reading`() async throws {
    let thrown = await code { () async throws(CallFailure) in
      _ = try await Journal.open(try await scratch.database(isReadOnly: true), identity: .anna)
    }
    #expect(thrown == "journal.unavailable")
  }

  @Test func `a file of something else is no journal`() async throws {
    try Data("#!/bin/sh\necho hello\n".utf8).write(to: URL(filePath: scratch.path))
    let thrown = await code { () async throws(CallFailure) in _ = try await scratch.journal() }
    #expect(thrown == "journal.corrupt")
  }

  @Test func `a full disk stops the intent and leaves nothing half written`() async throws {
    let database = try await scratch.database()
    let journal = try await Journal.open(database, identity: .anna, anchor: scratch.anchor)
    try await journal.beginDeploy("r1")
    let pages = try await database.reading { (session) throws(CallFailure) in
      try await session.query("PRAGMA page_count", [])[0][0].int ?? 0
    }
    try await database.execute("PRAGMA max_page_count = \(pages)")
    var count = 0
    var failure: String?
    while failure == nil, count < 1000 {
      let words = "w\(count)" + String(repeating: "x", count: 300)
      failure = await code { () async throws(CallFailure) in try await journal.perform(words, in: "r1") }
      if failure == nil { count += 1 }
    }
    #expect(failure == "journal.full")
    #expect(try await journal.run("r1").name == "deploy")
    let rows = try await journal.operations(of: "r1")
    let events = try await journal.timeline(of: "r1").map(\.event)
    #expect(rows.count == events.count { $0 == "operation.intend" })
    #expect(rows.count { $0.state == .done } == events.count { $0 == "operation.settle" })
    #expect(try await journal.verify().isIntact)
    try await database.execute("PRAGMA max_page_count = 1000000")
    try await journal.perform("again", in: "r1")
    #expect(try await journal.verify().isIntact)
  }

  @Test func `two journals on one file lose nothing`() async throws {
    let journals = [try await scratch.journal(), try await scratch.journal(.ben)]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<60 {
        group.addTask {
          let journal = journals[index % 2]
          try await journal.beginDeploy("r\(index)")
          try await journal.perform("a", in: "r\(index)")
          try await journal.update("r\(index)", state: .ok, reason: nil, exitCode: 0)
        }
      }
      try await group.waitForAll()
    }
    let report = try await scratch.journal().verify()
    #expect(report == AuditReport(count: 240, anchorCount: 60, problems: [], problemCount: 0))
    #expect(try await journals[0].runs(RunFilter(states: [.ok], limit: 100)).count == 60)
  }

  @Test func `many processes that open a new journal at once agree on it`() async throws {
    let ids = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<8 { group.addTask { try await scratch.journal().id } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
  }

  @Test func `a cancelled task still writes down what it began to`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await journal.perform("a", in: "r1")
    }
    try await task.value
    #expect(try await journal.operations(of: "r1").map(\.state) == [.done])
  }

  @Test func `an intent and its end are one commit each`() async throws {
    let counting = CountingDatabase(base: try await scratch.database())
    let journal = try await Journal.open(counting, identity: .anna, anchor: scratch.anchor)
    try await journal.beginDeploy("r1")
    let before = counting.count
    _ = journal.texts.intern("a long script")
    try await journal.perform("a", in: "r1")
    #expect(counting.count - before == 2)
  }

  @Test func `the identity of this process is the one of the kernel`() throws {
    let identity = ProcessIdentity.current(version: "0.1.0", digest: "")
    #expect(identity.pid == Int(ProcessInfo.processInfo.processIdentifier))
    #expect(identity.startTicks > 0)
    #expect(!identity.operatorName.isEmpty)
    #expect(!identity.user.isEmpty)
    #expect(!identity.host.isEmpty)
    #expect(identity.isRunning(seenFrom: identity) == true)
    #expect(identity.isRunning(seenFrom: .anna) == nil)
    #expect(ProcessIdentity.programDigest.count == 64)
  }
}

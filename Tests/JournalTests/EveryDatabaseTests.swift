import JournalPostgres
import PostgresTesting
import Synchronization
import Testing

@testable import Journal
@testable import PrimitiveKit

/// A whole life of a journal, on each database that can keep one.
struct EveryDatabaseTests {
  enum Kind: CaseIterable { case sqlite, postgres }

  let scratch = JournalScratch()

  private func databases(_ kind: Kind) async throws -> [any Database] {
    try await EveryDatabaseTests.databases(kind, scratch)
  }

  /// Two connections to one database, as of two processes.
  static func databases(_ kind: Kind, _ scratch: JournalScratch) async throws -> [any Database] {
    switch kind {
    case .sqlite: return [try await scratch.database(), try await scratch.database()]
    case .postgres:
      let url = try await PostgresServer.shared().newSchema()
      return [try PostgresDatabase(url: url), try PostgresDatabase(url: url)]
    }
  }

  private func journals(_ kind: Kind) async throws -> [Journal] {
    let databases = try await databases(kind)
    return [
      try await Journal.open(databases[0], identity: .anna, anchor: scratch.anchor),
      try await Journal.open(databases[1], identity: .ben, anchor: scratch.anchor),
    ]
  }

  @Test(arguments: Kind.allCases)
  func `what one process writes another reads`(kind: Kind) async throws {
    let (first, second) = try await pair(kind)
    #expect(first.id == second.id)
    try await first.beginDeploy("20261121-114502-6ca32b16")
    let id = try await second.run("6ca32b16").id
    #expect(try await second.run("20261121").hosts == ["web1", "web2"])
    try await first.beginStep(run: id, path: "write", argumentsHash: "h", attempt: 1)
    let record = first.record(of: id, claim: nil)
    let hash = first.texts.intern("a long script")
    for key in ["a", "b", "c"] { try await record.intend(.of(key)) }
    let inverse = try OperationCoding().store(WriteWords(words: "x"))
    try await record.settle("a", .done(outcome: "\"a\"", inverse: inverse, isAdopted: false))
    try await record.settle("b", .failed(CallFailure(.failed, code: "host.failed", message: "no")))
    try await record.keep("1", of: "seed")
    try await record.keep("2", of: "seed")
    try await first.endStep(run: id, path: "write", end: .ok(.array([.int(1)])))
    try await second.reopenStep(run: id, path: "write")
    try await first.update(id, state: .interrupted, reason: "signal", exitCode: 5)

    #expect(try await second.text(hash) == "a long script")
    let replay = try await second.replay(of: id)
    #expect(replay.operations["a"] == .done("\"a\""))
    #expect(replay.operations["c"] == .open)
    #expect(replay.reads == ["seed": "2"])
    #expect(try await second.kept("seed", of: ["none", id]) == [id: "2"])
    #expect(try await second.kept("seed", of: []).isEmpty)
    #expect(try await second.operations(of: id).map(\.key) == ["a", "b", "c"])
    #expect(try await second.operations(of: id)[0].inverse == inverse)
    #expect(try await second.unresolved().map(\.key) == ["c"])
    try await second.resolve(run: id, key: "c", isDone: false, reason: "looked")
    try await second.take(id, epoch: 8, claim: nil)
    #expect(try await first.steps(of: id).map(\.attempt) == [2])
    #expect(try await first.runs(RunFilter(states: [.running, .interrupted], name: "deploy")).map(\.epoch) == [8])
    #expect(try await first.summaries() == first.runs().map(RunSummary.init))
    #expect(try await first.summaries().map(\.hostCount) == [2])
    #expect(try await first.verify().isIntact)
  }

  @Test(arguments: Kind.allCases)
  func `questions, approvals, releases and fidelity are shared`(kind: Kind) async throws {
    let (first, second) = try await pair(kind)
    try await first.beginDeploy("r1")
    try await first.ask(run: "r1", step: "", question: Question(id: "go", text: "go on?", choices: ["yes", "no"]))
    #expect(try await second.openQuestions(operatorName: "anna").count == 1)
    try await second.answer(run: "r1", id: "go", text: "yes", by: "ben")
    #expect(try await first.question(run: "r1", id: "go")?.answer == "yes")
    let again = await code { () async throws(CallFailure) in
      try await first.answer(run: "r1", id: "go", text: "no", by: "anna")
    }
    #expect(again == "question.answered")
    try await first.add(
      ApprovalRow(
        id: "a1",
        planHash: "p",
        hostsHash: "h",
        name: "deploy",
        requester: "anna",
        approver: "ben",
        reason: "",
        document: "d",
        signature: "s",
        maxUses: 1,
        createdAt: 0,
        expiresAt: .max
      )
    )
    try await second.use(approval: "a1", run: "r1")
    let used = await code { () async throws(CallFailure) in try await first.use(approval: "a1", run: "r1") }
    #expect(used == "approval.used_up")
    try await first.markBad(digest: "d1", image: "bot:7", run: "r1", reason: "bad")
    #expect(try await second.badReleases().map(\.image) == ["bot:7"])
    try await second.clearBad(digest: "d1", reason: "fixed")
    try await first.addFidelity(run: "r1", kind: "k", predicted: 3, matched: 2)
    try await first.addFidelity(run: "r2", kind: "k", predicted: 3, matched: 3)
    #expect(try await second.fidelity().map(\.matched) == [5])
    try await first.note(run: "r1", text: "halfway")
    #expect(try await second.notes(of: "r1").count == 1)
    #expect(try await second.verify().isIntact)
  }

  @Test(arguments: Kind.allCases)
  func `samples of checks are kept by subject, and the newest replaces the one before`(kind: Kind) async throws {
    let (first, second) = try await pair(kind)
    #expect(try await first.samples(of: "a.rows").isEmpty)
    let old = CheckSample("a.rows", "x", CheckReading(1.5, at: 1000.25))
    let other = CheckSample("a.rows", "", CheckReading(-1e300, at: 1000))
    try await first.keep([old, other, CheckSample("a.rows2", "x", CheckReading(7, at: 1000))])
    #expect(try await second.samples(of: "a.rows") == [other, old])
    let new = CheckSample("a.rows", "x", CheckReading(2, at: 2000), before: CheckReading(1.5, at: 1000.25))
    try await second.keep([new])
    #expect(try await first.samples(of: "a.rows") == [other, new])
    try await first.keep([])
    #expect(try await second.verify().isIntact)
  }

  @Test(arguments: Kind.allCases)
  func `two processes at once lose nothing and keep one chain`(kind: Kind) async throws {
    let journals = try await journals(kind)
    try await journals[0].beginDeploy("r1")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<60 { group.addTask { try await journals[index % 2].perform("w\(index)", in: "r1") } }
      try await group.waitForAll()
    }
    try await journals[0].update("r1", state: .ok, reason: nil, exitCode: 0)
    let report = try await journals[1].verify()
    #expect(report == AuditReport(count: 122, anchorCount: 1, problems: [], problemCount: 0))
    let lines = Mutex(0)
    try await journals[1].export(from: 100) { _ in lines.withLock { $0 += 1 } }
    #expect(lines.withLock { $0 } == 23)
  }

  @Test(arguments: Kind.allCases)
  func `an edited, a removed and a cut record are named`(kind: Kind) async throws {
    for (statement, found) in [
      ("UPDATE audit SET body = '{}' WHERE seq = 3", "edited 3"), ("DELETE FROM audit WHERE seq = 4", "removed 4"),
      ("DELETE FROM audit WHERE seq > 5", "truncated 6"),
    ] {
      let journals = try await journals(kind)
      if try await journals[0].runs().isEmpty {
        try await journals[0].beginDeploy("r1")
        for words in ["a", "b", "c"] { try await journals[0].perform(words, in: "r1") }
      }
      try await journals[0].database.transaction { (session) throws(CallFailure) in
        _ = try await session.query(statement, [])
      }
      #expect(try await journals[1].verify().found.contains(found))
    }
  }

  @Test(arguments: Kind.allCases)
  func `many that open a new journal at once agree on it`(kind: Kind) async throws {
    let databases = try await databases(kind)
    let ids = try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<8 {
        group.addTask { try await Journal.open(databases[index % 2], identity: .anna).id }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
  }

  private func pair(_ kind: Kind) async throws -> (Journal, Journal) {
    let journals = try await journals(kind)
    return (journals[0], journals[1])
  }
}

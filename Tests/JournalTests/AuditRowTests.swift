import Testing

@testable import Journal
@testable import PrimitiveKit

/// What `verify` says of the rows that a resumed run trusts.
struct AuditRowTests {
  let scratch = JournalScratch()

  /// A run of everything, and an approval and a bad release.
  private func fill(_ journal: Journal) async throws {
    try await journal.beginDeploy("r1")
    try await journal.beginStep(run: "r1", path: "write", argumentsHash: "h", attempt: 1)
    let record = journal.record(of: "r1", claim: nil)
    let inverse = try OperationCoding().store(WriteWords(words: "x"))
    for key in ["a", "b", "c", "d"] { try await record.intend(.of(key)) }
    try await record.settle("a", .done(outcome: "\"a\"", inverse: inverse, isAdopted: false))
    try await record.settle("b", .failed(CallFailure(.failed, code: "host.failed", message: "say \"no\"")))
    try await record.settle("c", .unknown(CallFailure(.unknownOutcome, code: "host.lost", message: "gone")))
    try await journal.resolve(run: "r1", key: "c", isDone: false, reason: "looked")
    try await record.intend(.of("c"))
    for key in ["e", "f"] { try await record.intend(.of(key)) }
    try await record.settle("e", .notDone)
    try await record.settle("f", .failed(CallFailure(.failed, code: "host.failed", message: "no")))
    try await journal.reopenOperation(run: "r1", key: "f")
    try await record.keep("1", of: "seed")
    try await record.keep("2", of: "seed")
    try await journal.endStep(run: "r1", path: "write", end: .ok(.array([.int(1)])))
    try await journal.beginStep(run: "r1", path: "look", argumentsHash: "h", attempt: 1)
    try await journal.endStep(run: "r1", path: "look", end: .failed(CallFailure(.failed, code: "a.b", message: "no")))
    try await journal.reopenStep(run: "r1", path: "look")
    try await journal.ask(
      run: "r1",
      step: "",
      question: Question(id: "go", text: "go \"on\"?", choices: ["yes", "no"])
    )
    try await journal.answer(run: "r1", id: "go", text: "yes", by: "anna")
    try await journal.ask(run: "r1", step: "", question: Question(id: "more", text: "more?", choices: []))
    try await journal.add(.some)
    try await journal.use(approval: "a1", run: "r1")
    try await journal.markBad(digest: "d1", image: "bot:7", run: "r1", reason: "bad")
    try await journal.markBad(digest: "d2", image: "bot:8", run: "r1", reason: "bad")
    try await journal.clearBad(digest: "d2", reason: "good")
    try await journal.update("r1", state: .interrupted, reason: "signal", exitCode: 5)
    try await journal.beginDeploy("r2")
    try await journal.take("r1", epoch: 8, claim: "c8")
    try await journal.update("r1", state: .ok, reason: nil, exitCode: 0)
  }

  private func journal(_ kind: EveryDatabaseTests.Kind) async throws -> Journal {
    let database = try await EveryDatabaseTests.databases(kind, scratch)[0]
    return try await Journal.open(database, identity: .anna, anchor: scratch.anchor)
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `rows that nobody touched fit their records`(kind: EveryDatabaseTests.Kind) async throws {
    let journal = try await journal(kind)
    try await fill(journal)
    #expect(try await journal.verify().problems == [])
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `a row that was edited, added or removed is named`(kind: EveryDatabaseTests.Kind) async throws {
    let journal = try await journal(kind)
    try await fill(journal)
    for change in RowChange.all {
      let seen = try await journal.verify(after: change.statement)
      let messages = seen.problems.map(\.message)
      #expect(messages.contains { $0.contains(change.found) }, "\(change.statement): \(messages)")
    }
    #expect(try await journal.verify().isIntact, "each was taken back")
  }

  @Test func `a row that a newer opsh changed under an event of its own is not judged`() async throws {
    let journal = try await scratch.journal()
    try await fill(journal)
    for (event, field, name) in [("operation", "key", "a"), ("step", "step", "write"), ("question", "question", "go")] {
      try await journal.append("\(event).renewed", run: "r1", body: .table([field: .string(name)]))
    }
    try await scratch.tamper("UPDATE operations SET state = 'not_done', outcome = NULL WHERE key = 'a'")
    try await scratch.tamper("UPDATE steps SET result = '2' WHERE path = 'write'")
    try await scratch.tamper("UPDATE questions SET answer = 'no' WHERE id = 'go'")
    #expect(try await journal.verify().problems == [])
  }

  @Test(arguments: [(1, 1), (7, 3), (40, 10), (10_000, 7)])
  func `rows of many runs are compared in pages`(batchSize: Int, page: Int) async throws {
    let journal = try await scratch.journal()
    for index in 0..<20 {
      try await journal.beginDeploy("r\(100 + index)")
      for words in ["a", "b"] { try await journal.perform(words, in: "r\(100 + index)") }
    }
    func problems(after statement: String) async throws -> [AuditProblem] {
      try await scratch.tamper(statement)
      return try await journal.look { (session) throws(CallFailure) in
        var rows = AuditRowCheck(session: session, batchSize: batchSize, page: page)
        try await rows.check(RecordedMarks())
        return rows.problems
      }
    }
    #expect(try await problems(after: "SELECT 1") == [])
    let edited = try await problems(after: "UPDATE operations SET outcome = '1'")
    #expect(edited.count == 40)
    let removed = try await problems(after: "DELETE FROM operations WHERE run IN ('r100', 'r107', 'r119')")
    #expect(
      removed.filter { $0.kind == .removed }.compactMap(\.run).sorted() == [
        "r100", "r100", "r107", "r107", "r119", "r119",
      ]
    )
  }
}

/// A change behind the journal's back, and what is said of it.
private struct RowChange {
  let statement: String
  let found: String

  init(_ statement: String, _ found: String) {
    self.statement = statement
    self.found = found
  }

  static let all = [
    RowChange("UPDATE steps SET result = '[]' WHERE path = 'write'", "step 'write' of run r1 was edited"),
    RowChange("UPDATE steps SET state = 'ok' WHERE path = 'look'", "its state (ok; it was open)"),
    RowChange("UPDATE steps SET arguments_hash = 'x' WHERE path = 'look'", "its arguments_hash"),
    RowChange("DELETE FROM steps WHERE path = 'look'", "step 'look' of run r1 was removed"),
    RowChange("UPDATE operations SET state = 'failed' WHERE key = 'a'", "its state (failed; it was done)"),
    RowChange("UPDATE operations SET state = 'done' WHERE key = 'd'", "operation 'd' of run r1 was edited"),
    RowChange("UPDATE operations SET outcome = '\"b\"' WHERE key = 'a'", "its outcome"),
    RowChange("UPDATE operations SET inverse = NULL WHERE key = 'a'", "its inverse"),
    RowChange("UPDATE operations SET failure = replace(failure, 'no', 'so') WHERE key = 'b'", "its failure"),
    RowChange("UPDATE operations SET content = replace(content, 'd', 'e') WHERE key = 'd'", "its content"),
    RowChange("UPDATE operations SET state = 'done' WHERE key = 'e'", "its state (done; it was not_done)"),
    RowChange("UPDATE operations SET state = 'failed' WHERE key = 'f'", "its state (failed; it was not_done)"),
    RowChange("DELETE FROM operations WHERE key = 'c'", "operation 'c' of run r1 was removed"),
    RowChange(
      """
      INSERT INTO operations(run, key, begun, step, kind, target, effect, summary, content, state, intended_at, adopted)
      SELECT run, 'z', begun, step, kind, target, effect, summary, content, 'done', 0, 0 FROM operations WHERE key = 'a'
      """,
      "operation 'z' of run r1 was added"
    ),
    RowChange("UPDATE reads SET content = '1'", "answer 'seed' of run r1 was edited: "),
    RowChange("DELETE FROM reads", "answer 'seed' of run r1 was removed"),
    RowChange("INSERT INTO reads(run, key, content) VALUES ('r2', 'plan', '{}')", "answer 'plan' of run r2 was added"),
    RowChange("UPDATE questions SET answer = 'no' WHERE id = 'go'", "question 'go' of run r1 was edited"),
    RowChange("UPDATE questions SET answer = 'x' WHERE id = 'more'", "its answer"),
    RowChange("UPDATE runs SET operator_name = 'mallory' WHERE id = 'r1'", "run r1 was edited"),
    RowChange("UPDATE runs SET state = 'rolled_back' WHERE id = 'r1'", "its state (rolled_back; it was ok)"),
    RowChange("UPDATE runs SET epoch = 9 WHERE id = 'r1'", "its epoch"),
    RowChange("UPDATE runs SET hosts = 'web1' WHERE id = 'r2'", "its hosts"),
    RowChange("UPDATE runs SET arguments = '{}' WHERE id = 'r2'", "its arguments"),
    RowChange("UPDATE runs SET runbook_sha256 = 'x' WHERE id = 'r2'", "its runbook_sha256"),
    RowChange("DELETE FROM runs WHERE id = 'r2'", "run r2 was removed"),
    RowChange("UPDATE approvals SET uses = 0", "approval a1 was edited"),
    RowChange("UPDATE approvals SET approver = 'mallory'", "its approver"),
    RowChange("DELETE FROM approvals", "approval a1 was removed"),
    RowChange("DELETE FROM bad_releases", "bad release d1 was removed"),
    RowChange("UPDATE bad_releases SET digest = 'd3'", "bad release d3 was added"),
  ]
}

extension ApprovalRow {
  fileprivate static let some = ApprovalRow(
    id: "a1",
    planHash: "p",
    hostsHash: "h",
    name: "deploy",
    requester: "anna",
    approver: "ben",
    reason: "",
    document: "d",
    signature: "s",
    maxUses: 2,
    createdAt: 0,
    expiresAt: .max
  )
}

extension Journal {
  /// What `verify` finds after a change, which is then taken back.
  fileprivate func verify(after statement: String) async throws -> AuditReport {
    let tables = ["runs", "steps", "operations", "reads", "questions", "approvals", "bad_releases"]
    for table in tables { try await change("CREATE TABLE kept_\(table) AS SELECT * FROM \(table)") }
    try await change(statement)
    let report = try await verify()
    for table in tables.reversed() { try await change("DELETE FROM \(table)") }
    for table in tables {
      try await change("INSERT INTO \(table) SELECT * FROM kept_\(table)")
      try await change("DROP TABLE kept_\(table)")
    }
    return report
  }

  private func change(_ statement: String) async throws {
    try await database.transaction { (session) throws(CallFailure) in _ = try await session.query(statement, []) }
  }
}

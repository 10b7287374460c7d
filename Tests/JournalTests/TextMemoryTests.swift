import Testing

@testable import Journal
@testable import PrimitiveKit

/// An old journal costs a call no more than a new one, and a long session holds no more than a short one.
struct TextMemoryTests {
  let scratch = JournalScratch()

  private static let size = 20_000

  /// A journal of so many earlier runs, each with a long text of its own.
  private func journal(runs: Int) async throws -> (Journal, CountingDatabase) {
    let before = try await scratch.journal()
    for number in 0..<runs { try await write("r\(number)", before) }
    let database = CountingDatabase(base: try await scratch.database())
    return (try await Journal.open(database, identity: .anna, anchor: scratch.anchor), database)
  }

  private func text(_ run: String) -> String { run + String(repeating: "x", count: TextMemoryTests.size) }

  /// A run of one operation that refers to a long text.
  private func write(_ run: String, _ journal: Journal) async throws {
    try await journal.beginDeploy(run)
    let coding = OperationCoding(texts: journal.texts)
    let record = journal.record(of: run, claim: nil)
    let operation = LongWords(words: InternedText(text(run)))
    try await record.intend(OperationIntent(key: "k", try EncodedOperation(operation, coding), step: ""))
    let inverse = try coding.store(operation)
    try await record.settle("k", .done(outcome: try coding.encode(operation), inverse: inverse, isAdopted: false))
  }

  @Test func `the end of a call reads as much of an old journal as of a new one`() async throws {
    var reads: [CountingDatabase.Reads] = []
    for runs in [1, 200] {
      let (journal, database) = try await self.journal(runs: runs)
      _ = database.takeReads()
      try await write("last", journal)
      _ = try await journal.operations(of: "last")
      reads.append(database.takeReads())
      try scratch.clear()
    }
    #expect(reads[0].statements == reads[1].statements)
    #expect(reads[0].rows == reads[1].rows)
    #expect(reads[1].bytes < TextMemoryTests.size)
  }

  @Test func `what refers to texts reads those and no others`() async throws {
    let (journal, database) = try await self.journal(runs: 50)
    _ = database.takeReads()
    let rows = try await journal.operations(of: "r7", withTexts: true)
    let read = database.takeReads()
    #expect(read.bytes > TextMemoryTests.size && read.bytes < 2 * TextMemoryTests.size)
    let coding = OperationCoding(kinds: [LongWords.self], texts: journal.texts)
    #expect((try coding.operation(rows[0].stored) as? LongWords)?.words.text == text("r7"))
    let inverse = try #require(rows[0].inverse)
    #expect((try coding.operation(inverse) as? LongWords)?.words.text == text("r7"))
    let replay = try await journal.replay(of: "r9")
    let outcome = try #require(replay.operations["k"])
    #expect(outcome == .done(rows[0].text.replacing(hash("r7"), with: hash("r9"))))
    #expect(journal.texts.text(hash("r9")) == text("r9"))
    withExtendedLifetime((rows, replay)) {}
  }

  private func hash(_ run: String) -> String { SHA256(hashing: text(run).utf8).hex }

  @Test func `a long session holds the texts of its last operations only`() async throws {
    let (journal, _) = try await self.journal(runs: 0)
    for number in 0..<300 {
      try await write("r\(number)", journal)
      _ = try await journal.operations(of: "r\(number)", withTexts: true)
    }
    #expect(journal.texts.heldBytes <= 64 * (TextMemoryTests.size + 10))
    // All of them are in the journal, to be read again.
    let row = try #require(try await journal.operations(of: "r0", withTexts: true).first)
    #expect(journal.texts.text(hash("r0")) == text("r0"))
    withExtendedLifetime(row) {}
  }

  @Test func `texts stay as long as the rows that refer to them are held`() async throws {
    let (journal, _) = try await self.journal(runs: 300)
    var rows: [OperationRow] = []
    for number in 0..<300 { rows += try await journal.operations(of: "r\(number)", withTexts: true) }
    let coding = OperationCoding(kinds: [LongWords.self], texts: journal.texts)
    for row in rows { _ = try coding.operation(row.stored) }
    #expect(journal.texts.heldBytes > 290 * TextMemoryTests.size)
    rows = []
    #expect(journal.texts.heldBytes <= 64 * (TextMemoryTests.size + 10))
  }
}

/// An operation whose words are interned.
private struct LongWords: Operation {
  static let kind = "test.long"
  let words: InternedText

  var target: OperationTarget { .host("web1") }
  var effect: Effect { .changes }
  var summary: String { "write" }

  func predict(in world: World) async throws(CallFailure) -> Prediction<String> { .exact("") }
  func perform(in world: World) async throws(CallFailure) -> String { "" }
  func probe(in world: World) async throws(CallFailure) -> Probe<String> { .notDone }
  func inverse(of outcome: String) -> (any Operation)? { nil }
}

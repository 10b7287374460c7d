import Testing

@testable import Journal
@testable import PrimitiveKit

struct OperationTests {
  let scratch = JournalScratch()
  private let lost = CallFailure(.unknownOutcome, code: "host.lost", message: "gone")

  @Test func `an intent and its end are read as they were written`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let record = journal.record(of: "r1", claim: nil)
    try await record.intend(.of("a"))
    scratch.advance(by: 10)
    let inverse = try OperationCoding().store(WriteWords(words: "not a"))
    try await record.settle("a", .done(outcome: "\"a\"", inverse: inverse, isAdopted: true))
    let row = try #require(try await journal.operations(of: "r1").first)
    #expect(row.key == "a")
    #expect(row.step == "write")
    #expect(row.kind == "test.write")
    #expect(row.target == .host("web1"))
    #expect(row.effect == .changes)
    #expect(row.text == "{\"words\":\"a\"}")
    #expect(row.state == .done)
    #expect(row.outcome == "\"a\"")
    #expect(row.inverse == inverse)
    #expect(row.epoch == 7)
    #expect(row.intendedAt == 1_000_000)
    #expect(row.settledAt == 1_000_010)
    #expect(row.isAdopted)
  }

  @Test func `D13: nothing says that an operation is done before it is`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let record = journal.record(of: "r1", claim: nil)
    try await record.intend(.of("a"))
    #expect(try await journal.operations(of: "r1").map(\.state) == [.open])
    #expect(try await journal.timeline(of: "r1").map(\.event).contains("operation.settle") == false)
    try await record.settle("a", .done(outcome: "1", inverse: nil, isAdopted: false))
    let events = try await journal.timeline(of: "r1").map(\.event).filter { $0.hasPrefix("operation.") }
    #expect(events == ["operation.intend", "operation.settle"])
  }

  @Test func `a replay knows what is done, failed, open and not done`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let record = journal.record(of: "r1", claim: nil)
    for key in ["done", "failed", "open", "unknown", "not", "told"] { try await record.intend(.of(key)) }
    try await record.settle("done", .done(outcome: "1", inverse: nil, isAdopted: false))
    let failure = CallFailure(.failed, code: "host.failed", message: "no", hint: "look")
    try await record.settle("failed", .failed(failure))
    try await record.settle("unknown", .unknown(lost))
    try await record.keep("42", of: "write/seed")
    try await journal.resolve(run: "r1", key: "not", isDone: false, reason: "looked")
    try await journal.resolve(run: "r1", key: "told", isDone: true, outcome: "\"told\"", reason: "looked")

    let replay = try await scratch.journal().replay(of: "r1")
    #expect(
      replay.operations == [
        "done": .done("1"), "failed": .failed(failure), "open": .open, "unknown": .open, "not": .notDone,
        "told": .done("\"told\""),
      ]
    )
    #expect(replay.reads == ["write/seed": "42"])
  }

  @Test func `an intent is refused twice and taken again when it did not happen`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let record = journal.record(of: "r1", claim: nil)
    try await record.intend(.of("a"))
    #expect(await code { () async throws(CallFailure) in try await record.intend(.of("a")) } == "journal.failed")
    try await journal.resolve(run: "r1", key: "a", isDone: false, reason: "looked")
    try await record.intend(.of("a"))
    #expect(try await journal.operations(of: "r1").map(\.state) == [.open])
    #expect(try await journal.verify().isIntact)
  }

  @Test func `an end is written once, and reality outweighs an operator's word`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let record = journal.record(of: "r1", claim: nil)
    let end = OperationEnd.done(outcome: "1", inverse: nil, isAdopted: false)
    #expect(await code { () async throws(CallFailure) in try await record.settle("a", end) } == "journal.failed")
    try await record.intend(.of("a"))
    try await record.settle("a", .unknown(lost))
    try await journal.resolve(run: "r1", key: "a", isDone: false, reason: "guessed")
    try await record.settle("a", end)
    #expect(try await journal.operations(of: "r1").map(\.state) == [.done])
    #expect(await code { () async throws(CallFailure) in try await record.settle("a", end) } == "journal.failed")
    await expectFailure("run.resolved", saying: "'a'") { () async throws(CallFailure) in
      try await journal.resolve(run: "r1", key: "a", isDone: true, reason: "late")
    }
  }

  @Test func `what nobody knows the end of is listed until somebody resolves it`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1", claim: "c1")
    try await scratch.hold("c1", until: 1_060_000)
    let record = journal.record(of: "r1", claim: "c1")
    for key in ["a", "b", "c"] { try await record.intend(.of(key)) }
    try await record.settle("a", .done(outcome: "1", inverse: nil, isAdopted: false))
    try await record.settle("b", .unknown(lost))
    #expect(try await journal.unresolved().map(\.key) == ["b"], "c is under way")
    scratch.advance(by: 60_000)
    #expect(try await journal.unresolved(run: "r1").map(\.key) == ["b", "c"])
    try await journal.resolve(run: "r1", key: "b", isDone: true, reason: "saw it")
    try await journal.resolve(run: "r1", key: "c", isDone: false, reason: "not there")
    #expect(try await journal.unresolved().isEmpty)
    #expect(try await journal.operations(of: "r1").compactMap(\.resolution) == ["saw it", "not there"])
  }

  @Test(arguments: ["", "  ", "\n\t"])
  func `nothing is resolved without a reason`(reason: String) async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    try await journal.record(of: "r1", claim: nil).intend(.of("a"))
    await expectFailure("call.argument", saying: "resolve: 'reason' must not be blank") {
      () async throws(CallFailure) in
      try await journal.resolve(run: "r1", key: "a", isDone: true, reason: reason)
    }
    #expect(try await journal.operations(of: "r1").map(\.state) == [.open])
  }

  @Test(arguments: [(RunState.unknown, RunState.failed, 1), (.detached, .interrupted, 5), (.halted, .halted, 9)])
  func `with its last unknown outcome a run is no longer unknown`(
    before: RunState,
    after: RunState,
    exitCode: Int
  ) async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let record = journal.record(of: "r1", claim: nil)
    for key in ["a", "b"] { try await record.intend(.of(key)) }
    try await record.settle("a", .unknown(lost))
    try await journal.update("r1", state: before, reason: nil, exitCode: 9)
    try await journal.resolve(run: "r1", key: "a", isDone: true, reason: "saw it")
    #expect(try await journal.run("r1").state == before, "b is still unknown")
    try await journal.resolve(run: "r1", key: "b", isDone: false, reason: "not there")
    let run = try await journal.run("r1")
    #expect(run.state == after)
    #expect(run.exitCode == exitCode)
    #expect(run.endedAt != nil)
    #expect(try await journal.runs(RunFilter(states: [.unknown])).isEmpty)
    let last = try await journal.timeline(of: "r1").last
    #expect(last?.event == (before == .halted ? "operation.resolve" : "run.state"))
    #expect(try await journal.verify().isIntact)
  }

  @Test func `nothing is intended without a live lease`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1", claim: "c1")
    let record = journal.record(of: "r1", claim: "c1")
    await expectFailure("lock.lost", saying: "released") { () async throws(CallFailure) in
      try await record.intend(.of("a"))
    }
    try await scratch.hold("c1", until: 1_000_001)
    try await record.intend(.of("b"))
    scratch.advance(by: 1)
    await expectFailure("lock.lost", saying: "host/web1") { () async throws(CallFailure) in
      try await record.intend(.of("c"))
    }
    try await record.settle("b", .done(outcome: "1", inverse: nil, isAdopted: false))
    #expect(try await journal.operations(of: "r1").map(\.key) == ["b"])
    #expect(try await journal.timeline(of: "r1").map(\.event) == ["run.begin", "operation.intend", "operation.settle"])
  }

  @Test func `a late truth counts until another process has taken the run up`() async throws {
    let old = try await scratch.journal()
    try await old.beginDeploy("r1", claim: "c1")
    try await scratch.hold("c1", until: 1_060_000)
    let mine = old.record(of: "r1", claim: "c1")
    for key in ["a", "b"] { try await mine.intend(.of(key)) }
    scratch.advance(by: 60_000)
    // Its lease is over, and nobody else answers for the run.
    try await mine.settle("a", .done(outcome: "1", inverse: nil, isAdopted: false))
    try await mine.keep("1", of: "seed")

    let new = try await scratch.journal(.ben)
    try await scratch.hold("c2", until: 1_120_000)
    try await new.take("r1", epoch: 8, claim: "c2")
    let theirs = new.record(of: "r1", claim: "c2")
    try await theirs.settle("b", .unknown(lost))
    try await new.resolve(run: "r1", key: "b", isDone: false, reason: "looked")
    for end in [OperationEnd.done(outcome: "1", inverse: nil, isAdopted: false), .notDone] {
      await expectFailure("run.taken", saying: "ben on desk") { () async throws(CallFailure) in
        try await mine.settle("b", end)
      }
    }
    await expectFailure("run.taken", saying: "ben on desk") { () async throws(CallFailure) in
      try await mine.keep("2", of: "seed")
    }
    #expect(try await new.operations(of: "r1").map(\.state) == [.done, .notDone])
    // Also when the new owner's lease is over in turn.
    scratch.advance(by: 60_000)
    await expectFailure("run.taken", saying: "ben on desk") { () async throws(CallFailure) in
      try await mine.settle("b", .notDone)
    }
    try await theirs.settle("b", .done(outcome: "1", inverse: nil, isAdopted: false))
    #expect(try await new.operations(of: "r1").map(\.state) == [.done, .done])
  }

  @Test func `a person's sticky lease never expires`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1", claim: "c1")
    try await scratch.hold("c1", until: 0, isSticky: true)
    try await journal.record(of: "r1", claim: "c1").intend(.of("a"))
    #expect(try await journal.operations(of: "r1").map(\.key) == ["a"])
  }

  @Test func `an operation of a run that was never begun is refused`() async throws {
    let journal = try await scratch.journal()
    let record = journal.record(of: "nobody", claim: nil)
    #expect(await code { () async throws(CallFailure) in try await record.intend(.of("a")) } == "journal.failed")
    #expect(try await journal.timeline(of: "nobody").isEmpty)
  }

  @Test func `long texts are written once with the operation that needs them`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let hash = journal.texts.intern("a long script")
    #expect(try await journal.text(hash) == nil)
    try await journal.record(of: "r1", claim: nil).intend(.of("a"))
    #expect(try await journal.text(hash) == "a long script")

    // What refers to it brings it along.
    try await journal.record(of: "r1", claim: nil).keep("\"#\(hash)\"", of: "script")
    let other = try await scratch.journal(.ben)
    #expect(other.texts.text(hash) == nil)
    let replay = try await other.replay(of: "r1")
    #expect(other.texts.text(hash) == "a long script")
    withExtendedLifetime(replay) {}
  }

  @Test func `a text of a change that failed is written by the next one`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    let hash = journal.texts.intern("a long script")
    _ = await code { () async throws(CallFailure) in try await journal.beginDeploy("r1") }
    #expect(try await journal.text(hash) == nil)
    try await journal.note(run: "r1", text: "next")
    #expect(try await journal.text(hash) == "a long script")
  }
}

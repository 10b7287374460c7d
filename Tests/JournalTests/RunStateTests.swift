import PostgresTesting
import Testing

@testable import Journal
@testable import PrimitiveKit

/// The states that a row alone does not tell, or that end without a process, on each database.
struct RunStateTests {
  let scratch = JournalScratch()
  private let question = Question(id: "gate", text: "Carry on?", choices: ["yes", "no"], evidence: "")

  private func journal(_ kind: EveryDatabaseTests.Kind) async throws -> Journal {
    try await Journal.open(try await EveryDatabaseTests.databases(kind, scratch)[0], identity: .anna)
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `a run that asks is waiting until it is answered`(kind: EveryDatabaseTests.Kind) async throws {
    let journal = try await journal(kind)
    try await journal.beginDeploy("r1")
    try await journal.beginDeploy("r2")
    try await journal.ask(run: "r1", step: "", question: question)
    let waiting = try await journal.run("r1")
    #expect(waiting.state == .waiting && waiting.stateReason == "waiting for an answer: Carry on?")
    #expect(waiting.isUnderWay)
    #expect(try await journal.runs(RunFilter(states: [.waiting])).map(\.id) == ["r1"])
    #expect(try await journal.summaries(RunFilter(states: [.waiting])).map(\.stateReason) == [waiting.stateReason])
    #expect(try await journal.summaries(RunFilter(states: [.running])).map(\.id) == ["r2"])
    try await journal.answer(run: "r1", id: "gate", text: "yes", by: "ben")
    #expect(try await journal.run("r1").state == .running)
    #expect(try await journal.runs(RunFilter(states: [.waiting])).isEmpty)
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `a question that a dead process left open makes no run wait`(kind: EveryDatabaseTests.Kind) async throws {
    let journal = try await journal(kind)
    try await journal.beginDeploy("r1", claim: "a lease that is gone")
    try await journal.ask(run: "r1", step: "", question: question)
    #expect(try await journal.run("r1").state == .interrupted)
    try await journal.beginDeploy("r2")
    try await journal.ask(run: "r2", step: "", question: question)
    try await journal.update("r2", state: .interrupted, reason: "Ctrl-C", exitCode: 5)
    #expect(try await journal.run("r2").state == .interrupted)
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `a plan waits for its approval until a run carries it out`(kind: EveryDatabaseTests.Kind) async throws {
    let journal = try await journal(kind)
    for (id, name, plan) in [("w1", "deploy", "plan-1"), ("w2", "deploy", "plan-2"), ("w3", "other", "plan-1")] {
      var header = RunHeader(id: id, name: name, kind: .runbook, identity: .anna, planHash: plan, state: .waiting)
      header.stateReason = "its plan is waiting for an approval"
      header.exitCode = 6
      try await journal.begin(header)
    }
    #expect(try await journal.runs(RunFilter(states: [.waiting])).count == 3)
    #expect(try await journal.run("w1").isUnderWay == false)
    try await journal.beginDeploy("r1")
    #expect(try await journal.runs(RunFilter(states: [.waiting])).map(\.id) == ["w3", "w2"])
    let ended = try await journal.run("w1")
    #expect(ended.state == .cancelled && ended.stateReason == "its plan was applied by run r1")
    #expect(ended.exitCode == 6)
    let report = try await journal.verify()
    #expect(report.isIntact, "\(report.problems)")
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `a run with tolerated failures ends as partial`(kind: EveryDatabaseTests.Kind) async throws {
    let journal = try await journal(kind)
    try await journal.beginDeploy("r1")
    try await journal.update("r1", state: RunState(noted: ExitNote(.failuresWithinBudget)), reason: nil, exitCode: 1)
    #expect(try await journal.runs(RunFilter(states: [.partial])).map(\.exitCode) == [1])
    #expect(try await journal.verify().isIntact)
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `what is said of a run after its end does not move its end`(kind: EveryDatabaseTests.Kind) async throws {
    let journal = try await journal(kind)
    try await journal.beginDeploy("r1")
    try await journal.update("r1", state: .failed, reason: "no", exitCode: 2)
    let ended = try await journal.run("r1").endedAt
    scratch.advance(by: 60_000)
    try await journal.conclude("r1", state: .rolledBack, reason: "rolled back", exitCode: 7)
    #expect(try await journal.run("r1").endedAt == ended && ended != nil)
    #expect(try await journal.verify().isIntact)
  }

  @Test(arguments: EveryDatabaseTests.Kind.allCases)
  func `operations are counted by how they ended, and a run has a last sign of life`(kind: EveryDatabaseTests.Kind)
    async throws
  {
    let journal = try await journal(kind)
    for run in ["r1", "r2"] { try await journal.beginDeploy(run) }
    for word in ["a", "b"] { try await journal.perform(word, in: "r1") }
    let record = journal.record(of: "r1", claim: nil)
    for (word, end) in [
      ("c", OperationEnd.failed(CallFailure(.failed, code: "a.b", message: "no"))),
      ("d", .unknown(CallFailure(.unknownOutcome, code: "a.b", message: "who knows"))), ("e", .notDone),
    ] {
      try await record.intend(.of(word))
      try await record.settle(word, end)
    }
    try await record.intend(.of("f"))
    let tallies = try await journal.tallies(of: ["r1", "r2"])
    let tally = tallies["r1"]
    #expect(tally?.done == 2 && tally?.failed == 1 && tally?.unknown == 2)
    #expect(tallies["r2"] == nil)
    let signs = try await journal.lastSigns(of: ["r1", "r2"])
    let newest = try await journal.timeline(of: "r1").last?.at
    #expect(signs.last["r1"] == newest && newest != nil)
    #expect(signs.now >= signs.last["r2"] ?? .max)
    #expect(try await journal.tallies(of: []).isEmpty)
  }

  @Test func `a run of which nothing succeeded failed, and is no partial success`() {
    #expect(RunState(noted: ExitNote(.failuresWithinBudget, isTotal: true)) == .failed)
    #expect(RunState(noted: .ok) == .ok)
    #expect(RunState(noted: ExitNote(.budgetBreached)) == .halted)
  }
}

import OpshTesting
import PrimitiveKit
import Testing

import struct Foundation.Date

/// The door that single changes go through.
struct AdmissionTests {
  /// A change of a database that says what it puts at stake, or keeps it to itself.
  private struct Rows: PrimitiveKit.Operation {
    static let kind = "rows.delete"
    var table: String
    var stake: Stake?
    var target: OperationTarget { .database("books", part: table) }
    var effect: Effect { .changes }
    var summary: String { "delete rows of \(table)" }
    func predict(in world: World) async throws(CallFailure) -> Prediction<Int> { .exact(1) }
    func perform(in world: World) async throws(CallFailure) -> Int { 1 }
    func probe(in world: World) async throws(CallFailure) -> Probe<Int> { .notDone }
    func inverse(of outcome: Int) -> (any PrimitiveKit.Operation)? { nil }
  }

  private struct Limit: PrimitiveKit.Operation {
    static let kind = "limit.set"
    var value: String
    var target: OperationTarget { .endpoint("venue") }
    var effect: Effect { .administers }
    var stake: Stake? { Stake(value: value, "new limit") }
    var summary: String { "set the limit to \(value)" }
    func predict(in world: World) async throws(CallFailure) -> Prediction<Int> { .exact(1) }
    func perform(in world: World) async throws(CallFailure) -> Int { 1 }
    func probe(in world: World) async throws(CallFailure) -> Probe<Int> { .notDone }
    func inverse(of outcome: Int) -> (any PrimitiveKit.Operation)? { nil }
  }

  private let world = World(
    mode: .live,
    clock: ManualClock(),
    now: { Date(timeIntervalSince1970: 0) },
    drawSeed: { 1 },
    services: Services()
  )
  private let request = RunRequest(name: "books.clear", arguments: .table([:]), scopes: [], hosts: [])

  /// What is asked for these changes, and whether the answer was right.
  private func asked(
    _ answer: String?,
    options: SessionOptions = SessionOptions(),
    _ body: @escaping @Sendable (Run) async throws(CallFailure) -> Void
  ) async -> (questions: [String], failure: CallFailure?) {
    let dialogue = RecordingDialogue(answers: answer.map { [$0] } ?? [], isInteractive: answer != nil)
    let admission = Admission(runs: UnrecordedRuns(), world: world, dialogue: dialogue, options: options)
    do throws(CallFailure) {
      try await admission.run(PlannedChange(request), dry: false, body)
      return (dialogue.asked, nil)
    } catch {
      return (dialogue.asked, error)
    }
  }

  @Test func `a change of a database asks for the rows that it declares`() async {
    let (questions, failure) = await asked("500") { (run) throws(CallFailure) in
      _ = try await run.perform(Rows(table: "orders", stake: Stake(500, "rows")))
    }
    #expect(questions == ["books.clear: delete rows of orders. Proceed? Type the number of rows (500): "])
    #expect(failure == nil)
  }

  @Test func `quantities of all operations add up, and values stay as they are`() async {
    let (questions, failure) = await asked("700 10000") { (run) throws(CallFailure) in
      _ = try await run.perform(Rows(table: "orders", stake: Stake(500, "rows")))
      _ = try await run.perform(Rows(table: "fills", stake: Stake(200, "rows")))
      _ = try await run.perform(Limit(value: "10000"))
    }
    #expect(questions.first?.hasSuffix("Proceed? Type the number of rows (700) and the new limit (10000): ") == true)
    #expect(failure == nil)
  }

  @Test func `a new limit is typed as it is, and anything else changes nothing`() async {
    let (questions, failure) = await asked("1000") { (run) throws(CallFailure) in
      _ = try await run.perform(Limit(value: "10000"))
    }
    #expect(questions == ["books.clear: set the limit to 10000. Proceed? Type the new limit (10000): "])
    #expect(failure?.code == "plan.declined")
  }

  @Test func `a change of a database that declares nothing asks for yes`() async {
    let (questions, _) = await asked("yes") { (run) throws(CallFailure) in
      _ = try await run.perform(Rows(table: "orders"))
    }
    #expect(questions == ["books.clear: delete rows of orders. Proceed? Type yes: "])
  }

  @Test func `without a terminal --yes is needed, and stands in for the number`() async {
    let body: @Sendable (Run) async throws(CallFailure) -> Void = { (run) throws(CallFailure) in
      _ = try await run.perform(Limit(value: "10000"))
    }
    #expect(await asked(nil, body).failure?.code == "prompt.not_interactive")
    #expect(await asked(nil, options: SessionOptions(assumesYes: true), body).failure == nil)
  }

  @Test(arguments: [true, false])
  func `what was shown is looked at again once it is locked, whoever confirmed it`(isConfirmed: Bool) async {
    let dialogue = RecordingDialogue(answers: [], isInteractive: false)
    let options = SessionOptions(assumesYes: true)
    let admission = Admission(runs: UnrecordedRuns(), world: world, dialogue: dialogue, options: options)
    var change = PlannedChange(request, isConfirmed ? Confirmation("Proceed?", hosts: 3) : nil)
    change.stillHolds = { () throws(CallFailure) in
      throw CallFailure(.refused, code: "plan.changed", message: "web1 is another")
    }
    let changed = change
    let result = await CallFailure.result { () async throws(CallFailure) in
      try await admission.run(changed, dry: false) { (run) throws(CallFailure) in
        if run.world.mode == .live { Issue.record("it began") }
      }
    }
    guard case .failure(let failure) = result else { return }
    #expect(failure.code == "plan.changed")
  }

  @Test func `in a confirmed run nothing is asked`() async throws {
    let dialogue = RecordingDialogue(answers: [], isInteractive: true)
    let admission = Admission(runs: UnrecordedRuns(), world: world, dialogue: dialogue, options: SessionOptions())
    var context = CallContext()
    context.isConfirmed = true
    try await context.whileCalling { () throws(CallFailure) in
      try await admission.run(PlannedChange(request), dry: false) { (run) throws(CallFailure) in
        _ = try await run.perform(Limit(value: "10000"))
      }
    }
    #expect(dialogue.asked.isEmpty)
  }

  @Test func `a dry call says who holds what it needs, and that it needs an approval`() async throws {
    let dialogue = RecordingDialogue(answers: [])
    let admission = Admission(runs: HeldRuns(), world: world, dialogue: dialogue, options: SessionOptions())
    try await admission.run(PlannedChange(request), dry: true) { (run) throws(CallFailure) in
      _ = try await run.perform(Limit(value: "10000"))
    }
    #expect(
      dialogue.said == [
        "held: host/web1 by anna", "approval: the effect 'administers' needs an approval by another operator",
      ]
    )
  }

  private struct HeldRuns: RunOpener {
    func outlook(of request: RunRequest) async -> Outlook {
      let effects = Set((request.operations ?? []).map(\.effect))
      let approval = effects.contains(.administers) ? "the effect 'administers'" : nil
      return Outlook(held: ["host/web1 by anna"], approval: approval)
    }

    func withRun<Answer: Sendable>(
      _ request: RunRequest,
      world: World,
      _ body: (Run) async throws(CallFailure) -> Answer
    ) async throws(CallFailure) -> Answer {
      try await body(Run(id: "r", world: world))
    }
  }
}

import PrimitiveKit
import Testing

@testable import Journal

struct QuestionTests {
  let scratch = JournalScratch()
  private let question = Question(id: "web1", text: "web1 failed", choices: ["retry", "skip"], evidence: "exit 3")

  @Test func `another session of the operator finds the question and answers it`() async throws {
    var asked = ProcessIdentity.current(version: "1", digest: "")
    asked.operatorName = "anna"
    let journal = try await scratch.journal(asked)
    try await journal.begin(RunHeader(id: "r1", name: "deploy", kind: .runbook, identity: asked))
    try await journal.ask(run: "r1", step: "swap", question: question)
    let other = try await scratch.journal(.ben)
    #expect(try await other.openQuestions(operatorName: "ben").isEmpty)
    let open = try await other.openQuestions(operatorName: "anna")
    #expect(open.map(\.question) == [question])
    #expect(open[0].step == "swap")
    try await other.answer(run: "r1", id: "web1", text: "skip", by: "anna")
    let row = try await journal.question(run: "r1", id: "web1")
    #expect(row?.answer == "skip")
    #expect(row?.answeredBy == "anna")
    #expect(try await journal.openQuestions(operatorName: nil).isEmpty)
  }

  @Test func `the first answer counts, and the second hears of it`() async throws {
    let journals = [try await scratch.journal(), try await scratch.journal(.ben)]
    try await journals[0].beginDeploy("r1")
    try await journals[0].ask(run: "r1", step: "swap", question: question)
    let codes = await withTaskGroup(of: String?.self) { group in
      for index in 0..<10 {
        group.addTask {
          await code { () async throws(CallFailure) in
            try await journals[index % 2].answer(run: "r1", id: "web1", text: "retry", by: "\(index)")
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(codes.filter { $0 == nil }.count == 1)
    #expect(codes.filter { $0 == "question.answered" }.count == 9)
  }

  @Test func `an answer that is no choice leaves the question open`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    try await journal.ask(run: "r1", step: "swap", question: question)
    await expectFailure("question.choice", saying: "did you mean 'retry'") { () async throws(CallFailure) in
      try await journal.answer(run: "r1", id: "web1", text: "rety", by: "anna")
    }
    #expect(try await journal.question(run: "r1", id: "web1")?.answer == nil)
    await expectFailure("question.not_found", saying: "web9") { () async throws(CallFailure) in
      try await journal.answer(run: "r1", id: "web9", text: "retry", by: "anna")
    }
  }

  @Test func `a question that is asked again waits for a new answer`() async throws {
    let journal = try await scratch.journal()
    try await journal.beginDeploy("r1")
    #expect(try await journal.question(run: "r1", id: "web1") == nil)
    try await journal.ask(run: "r1", step: "swap", question: question)
    try await journal.answer(run: "r1", id: "web1", text: "retry", by: "anna")
    try await journal.ask(run: "r1", step: "swap", question: question)
    #expect(try await journal.question(run: "r1", id: "web1")?.answer == nil)
    #expect(try await journal.verify().isIntact)
  }
}

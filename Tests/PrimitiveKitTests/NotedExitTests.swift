import OpshTesting
import PrimitiveKit
import Testing

struct NotedExitTests {
  @Test func `the code that needs a person soonest stays`() {
    let noted = NotedExit()
    for code in [ExitCode.failuresWithinBudget, .unknownOutcomes, .ok] { noted.note(code) }
    #expect(noted.worst == .unknownOutcomes)
  }

  @Test func `with several the one that needs a person sooner wins`() {
    let order: [ExitCode] = [
      .internalError, .unknownOutcomes, .rollbackFailed, .interrupted, .budgetBreached, .unreachableBudget,
      .failuresWithinBudget,
    ]
    for (worse, other) in zip(order, order.dropFirst()) { #expect(worse.isWorse(than: other)) }
  }

  @Test(arguments: [(true, [ExitCode.failuresWithinBudget]), (false, [])])
  func `whoever collects codes for later keeps them from the session`(passesOn: Bool, told: [ExitCode]) {
    let dialogue = RecordingDialogue()
    let noted = NotedExit(passesOn: passesOn)
    var context = CallContext()
    context.noted = noted
    CallContext.$current.withValue(context) { QuietedDialogue(dialogue).note(.failuresWithinBudget) }
    #expect(dialogue.notes == told)
    #expect(noted.worst == .failuresWithinBudget)
  }

  @Test func `the last outcome of a call counts, so a retry that succeeds ends well`() {
    let noted = NotedExit()
    var session = CallContext()
    session.noted = noted
    func call(_ host: String, _ code: ExitCode) {
      let context = session.calling("fleet.exec", [.table(["on": .string(host)])])
      CallContext.$current.withValue(context) { noted.note(ExitNote(code, why: "\(host) failed")) }
    }
    call("web1", .failuresWithinBudget)
    call("web2", .failuresWithinBudget)
    call("web1", .ok)
    #expect(noted.sum == ExitNote(.failuresWithinBudget, why: "web2 failed"))
    call("web2", .ok)
    #expect(noted.worst == .ok)
  }

  @Test func `a run that is taken up again forgets what was noted of it`() {
    let noted = NotedExit()
    let dialogue = RecordingDialogue()
    var context = CallContext()
    context.noted = noted
    let quieted = QuietedDialogue(dialogue)
    CallContext.$current.withValue(context) { quieted.note(ExitNote(.budgetBreached), of: "r1") }
    CallContext.$current.withValue(context) { quieted.note(ExitNote(.failuresWithinBudget), of: "r2") }
    noted.forget(run: "r1")
    #expect(noted.worst == .failuresWithinBudget)
  }

  @Test func `up to three reasons are said, each once`() {
    let noted = NotedExit()
    for why in ["a", "b", "a", "c", "d", "e"] { noted.note(ExitNote(.failuresWithinBudget, why: why)) }
    #expect(noted.sum.why == "a; b; c; and 2 more")
  }

  @Test func `nothing succeeded only where every note says so`() {
    let noted = NotedExit()
    #expect(!noted.sum.isTotal)
    noted.note(ExitNote(.failuresWithinBudget, isTotal: true))
    #expect(noted.sum.isTotal)
    noted.note(ExitNote(.failuresWithinBudget))
    #expect(!noted.sum.isTotal)
  }

  @Test func `a journal of before keeps bare codes, which are read as notes`() throws {
    let coding = OperationCoding()
    #expect(try coding.decode(ExitNote.self, from: "1") == ExitNote(.failuresWithinBudget))
    let note = ExitNote(.unknownOutcomes, why: "web1 is silent", isTotal: true)
    #expect(try coding.decode(ExitNote.self, from: try coding.encode(note)) == note)
  }
}

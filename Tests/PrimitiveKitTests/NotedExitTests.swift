import OpshTesting
import PrimitiveKit
import Testing

struct NotedExitTests {
  @Test func `the code that needs a person soonest stays`() {
    let noted = NotedExit()
    for code in [ExitCode.failuresWithinBudget, .unknownOutcomes, .ok] { noted.note(code) }
    #expect(noted.worst == .unknownOutcomes)
  }

  @Test(arguments: [
    ("usage.argument", ExitCode.usage), ("run.not_found", .dataInvalid), ("run.nothing_to_undo", .dataInvalid),
    ("run.taken", .lockRefused), ("run.declined", .interrupted), ("host.unreachable", .failuresWithinBudget),
    ("plan.declined", .cancelled),
  ])
  func `the code of a failure says what the shell hears`(code: String, exit: ExitCode) {
    #expect(ExitCode(failure: CallFailure(code: code, message: "")) == exit)
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
}

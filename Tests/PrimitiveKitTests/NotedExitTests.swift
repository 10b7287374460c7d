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
}

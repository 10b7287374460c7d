import Foundation
import PrimitiveKit
import Testing

struct FailureClassTests {
  @Test(arguments: [
    (FailureClass.usage, ExitCode.usage), (.invalid, .dataInvalid), (.refused, .lockRefused),
    (.unavailable, .unreachableBudget), (.failed, .failuresWithinBudget), (.unknownOutcome, .unknownOutcomes),
    (.cancelled, .cancelled), (.journal, .lockRefused), (.defect, .internalError),
  ])
  func `the class of a failure says what the shell hears`(failureClass: FailureClass, exit: ExitCode) {
    #expect(ExitCode(failure: CallFailure(failureClass, code: "any.code", message: "")) == exit)
  }

  @Test func `a failure that ended in its own way says so itself`() {
    let failure = CallFailure(.failed, code: "any.code", message: "", ending: .rolledBack)
    #expect(ExitCode(failure: failure) == .rolledBack)
  }

  @Test func `only the class says that something may have happened`() {
    for failureClass in FailureClass.allCases {
      let failure = CallFailure(failureClass, code: "host.lost", message: "")
      #expect(failure.leavesUnknown == (failureClass == .unknownOutcome))
    }
  }

  @Test func `a call given up before anything was sent is not unknown, and one that was sent is`() {
    let unsent = CallFailure(TransportError.cancelled(host: "web1", effectPossible: false))
    let sent = CallFailure(TransportError.cancelled(host: "web1", effectPossible: true))
    #expect(!unsent.leavesUnknown && unsent.isGivenUp)
    #expect(sent.leavesUnknown && sent.isGivenUp)
  }

  @Test func `nothing of a failure is lost in a journal or in a script`() throws {
    let failure = CallFailure(
      .failed,
      .halted,
      code: "rollout.halted",
      message: "3 hosts failed",
      hint: "look",
      trace: ["a.lua:3"],
      ending: .budgetBreached
    )
    let stored = try JSONDecoder().decode(CallFailure.self, from: JSONEncoder().encode(failure))
    #expect(stored == failure)
    #expect(CallFailure(raised: failure.raised) == failure)
  }

  @Test(arguments: [
    ("host.timeout", FailureClass.unknownOutcome, ExitCode.unknownOutcomes), ("host.locked", .refused, .lockRefused),
    ("change.failed", .failed, .budgetBreached), ("host.unreachable", .unavailable, .unreachableBudget),
    ("journal.full", .journal, .lockRefused), ("lua.error", .invalid, .dataInvalid),
  ])
  func `a failure that an older version wrote down gets the class that it had`(
    code: String,
    failureClass: FailureClass,
    exit: ExitCode
  ) throws {
    let json = #"{"code":"\#(code)","message":"m","trace":[]}"#
    let failure = try JSONDecoder().decode(CallFailure.self, from: Data(json.utf8))
    #expect(failure.failureClass == failureClass && ExitCode(failure: failure) == exit)
  }

  @Test func `a class that only a newer version knows is a failure`() throws {
    let json = #"{"class":"melted","mark":"hot","code":"a.b","message":"m","trace":[]}"#
    let failure = try JSONDecoder().decode(CallFailure.self, from: Data(json.utf8))
    #expect(failure.failureClass == .failed && failure.mark == nil)
  }

  @Test func `a script that raises a table of its own is wrong unless it says of what class that is`() {
    let own = CallFailure(raised: .table(["code": .string("my.code"), "message": .string("m")]))
    #expect(own.failureClass == .invalid)
    let said = CallFailure(
      raised: .table(["code": .string("my.code"), "message": .string("m"), "class": .string("refused")])
    )
    #expect(said.failureClass == .refused)
  }
}

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

  @Test func `the last outcome of a call counts, so a retry that succeeds ends well`() async throws {
    let noted = NotedExit()
    var session = CallContext()
    session.noted = noted
    func call(_ host: String, _ code: ExitCode) async throws(CallFailure) {
      try await session.calling("fleet.exec", [.table(["on": .string(host)])]) { () throws(CallFailure) in
        noted.note(ExitNote(code, why: code == .ok ? nil : "\(host) failed"))
      }
    }
    try await call("web1", .failuresWithinBudget)
    try await call("web2", .failuresWithinBudget)
    try await call("web1", .ok)
    #expect(noted.sum == ExitNote(.failuresWithinBudget, why: "web2 failed"))
    // The same again is no success.
    try await call("web2", .failuresWithinBudget)
    #expect(noted.sum == ExitNote(.failuresWithinBudget, why: "web2 failed"))
    try await call("web2", .ok)
    #expect(noted.worst == .ok)
  }

  @Test func `what was tolerated is told after what was not, and changes no code`() {
    let noted = NotedExit()
    noted.note(ExitNote(.ok, why: "web1 failed (tolerated)"))
    #expect(noted.sum == ExitNote(.ok, why: "web1 failed (tolerated)"))
    noted.note(ExitNote(.failuresWithinBudget, why: "web2 failed"))
    #expect(noted.sum == ExitNote(.failuresWithinBudget, why: "web2 failed; web1 failed (tolerated)"))
  }

  @Test func `a call that is refused the second time leaves what it noted the first time`() async {
    let noted = NotedExit()
    var session = CallContext()
    session.noted = noted
    let refusal = CallFailure(.refused, code: "lock.refused", message: "somebody has the lock")
    for isRefused in [false, true] {
      _ = await CallFailure.result { [session] () throws(CallFailure) in
        try await session.calling("fleet.exec", []) { () throws(CallFailure) in
          if isRefused { throw refusal }
          noted.note(ExitNote(.failuresWithinBudget, why: "web1 failed"))
        }
      }
    }
    #expect(noted.sum == ExitNote(.failuresWithinBudget, why: "web1 failed"))
  }

  @Test(arguments: [
    // It ended well, it ended otherwise, and it was refused.
    (nil, false, ExitCode.failuresWithinBudget), (ExitCode.unreachableBudget, true, .unreachableBudget),
    (nil, true, .budgetBreached),
  ])
  func `a run that is resumed is noted anew once it ended`(end: ExitCode?, throwing: Bool, worst: ExitCode) async {
    let noted = NotedExit()
    var context = CallContext()
    context.noted = noted
    let quieted = QuietedDialogue(RecordingDialogue())
    await CallContext.$current.withValue(context) {
      quieted.note(ExitNote(.budgetBreached), of: "r1")
      quieted.note(ExitNote(.failuresWithinBudget), of: "r2")
      _ = await CallFailure.result { () throws(CallFailure) in
        try await noted.renewing("r1") { () throws(CallFailure) in
          if let end { quieted.note(ExitNote(end), of: "r1") }
          if throwing { throw CallFailure(.refused, code: "lock.refused", message: "somebody has the lock") }
        }
      }
    }
    #expect(noted.worst == worst)
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

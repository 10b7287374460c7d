import Foundation
import OpshTesting
import PrimitiveKit
import Testing

@testable import Checks

/// Several checks side by side: each ends, and what cannot be measured is UNKNOWN.
struct CheckRunnerTests {
  @Test func `the worst comes first, and a line sums up`() async throws {
    let stand = Stand([
      .fill("a.fine", [Measured(1)]), .fill("b.none", []),
      .fill("c.two", [Measured(90, subject: "x"), Measured(60)]),
      Check(CheckDeclaration("d.broken", "It", ok: [.below(1)])) { _ throws(CallFailure) in
        throw CallFailure(.failed, code: "test", message: "it fell over")
      },
    ])
    guard case .array(let findings) = try await stand.call("check") else {
      throw CallFailure(.failed, code: "test", message: "no findings")
    }
    #expect(findings.map { $0["level"] } == ["BAD", "UNKNOWN", "UNKNOWN", "WARN", "OK"].map(Value.string))
    #expect(findings.map { $0["check"] } == ["c.two", "b.none", "d.broken", "c.two", "a.fine"].map(Value.string))
    #expect(findings[1]["note"] == .string("nothing was measured") && findings[2]["note"] == .string("it fell over"))
    #expect(
      stand.dialogue.said == [
        """
        BAD c.two x: 90; BAD is 80 or more
        UNKNOWN b.none: nothing was measured
        UNKNOWN d.broken: it fell over
        WARN c.two: 60; OK is less than 50, BAD is 80 or more
        OK a.fine: 1; OK is less than 50
        5 findings: 1 BAD, 2 UNKNOWN, 1 WARN, 1 OK
        """
      ]
    )
  }

  @Test func `a check that does not answer is UNKNOWN after its deadline, and the others are judged`() async throws {
    let clock = ManualClock()
    let never = Check(CheckDeclaration("a.never", "It", ok: [.below(1)], deadline: .seconds(5))) {
      _ throws(CallFailure) in
      do { try await clock.sleep(for: .seconds(3600)) } catch { throw .cancelled }
      return [Measured(0)]
    }
    let stand = Stand([never, .fill("b.fine", [Measured(1)], deadline: .seconds(1_000_000))], clock: clock)
    let findings = try await lettingSecondsPass(clock) { try await stand.findings() }
    #expect(findings.map(\.level) == [.unknown, .ok])
    #expect(findings.first?.note == "no answer within 5 s")
  }

  @Test func `a check that ignores its cancellation does not hold up the others`() async throws {
    let clock = ManualClock()
    let (door, open) = AsyncStream.makeStream(of: Void.self)
    let deaf = Check(CheckDeclaration("a.deaf", "It", ok: [.below(1)], deadline: .seconds(5))) { _ in
      // A task of its own does not hear that the check was given up.
      await Task.detached { for await _ in door { break } }.value
      return [Measured(0)]
    }
    let stand = Stand([deaf], clock: clock)
    let findings = try await lettingSecondsPass(clock) { try await stand.findings() }
    #expect(findings.map(\.line) == ["UNKNOWN a.deaf: no answer within 5 s"])
    open.finish()
  }

  @Test func `Ctrl-C ends a measurement and is no finding`() async throws {
    let clock = ManualClock()
    let slow = Check(CheckDeclaration("a.slow", "It", ok: [.below(1)])) { _ throws(CallFailure) in
      do { try await clock.sleep(for: .seconds(3600)) } catch { throw .cancelled }
      return [Measured(0)]
    }
    let stand = Stand([slow], clock: clock)
    let work = Task { await stand.failure("check") }
    await clock.sleepers(atLeast: 2)
    work.cancel()
    #expect(await work.value?.mark == .cancelled)
  }

  @Test func `two values of one subject are UNKNOWN, and the other subjects are judged`() async throws {
    let stand = Stand([
      .fill("a.twice", [Measured(1, subject: "x"), Measured(2, subject: "y"), Measured(1, subject: "x")])
    ])
    #expect(
      try await stand.findings().map(\.line) == [
        "UNKNOWN a.twice x: it answered 2 measurements of 'x'; give each a `subject` of its own",
        "OK a.twice y: 2; OK is less than 50",
      ]
    )
  }

  @Test func `a list of measurements without subjects is told so`() async throws {
    let stand = Stand([.fill("a.twice", [Measured(1), Measured(2)])])
    #expect(
      try await stand.findings().map(\.line) == [
        "UNKNOWN a.twice: it answered 2 measurements without a `subject`; give each its own"
      ]
    )
  }

  @Test func `a gate opens for OK alone, and for WARN when told so`() async throws {
    let stand = Stand([
      .fill("a.fine", [Measured(1)]), .fill("b.odd", [Measured(60)]), .fill("c.bad", [Measured(90)]),
      .fill("d.none", [Measured(nil)]), .fill("e.empty", []),
    ])
    for (name, warn, failure) in [
      ("a.*", false, nil), ("b.*", true, nil), ("b.*", false, .failed), ("c.*", true, .failed),
      ("d.*", true, .unavailable), ("e.*", true, .unavailable), ("*", true, .failed),
    ] as [(String, Bool, FailureClass?)] {
      let found = await stand.failure("gate", ["names": .array([.string(name)]), "warn": .bool(warn)])
      #expect(found?.failureClass == failure, "\(name)")
      #expect(found?.code == (failure == nil ? nil : "gate.closed"), "\(name)")
    }
    #expect(await stand.failure("gate", ["names": .string("b.*")])?.code == "gate.closed", "WARN is not OK by default")
  }

  @Test(arguments: ["gate", "check", "why"])
  func `no name at all is an error, never a green answer`(name: String) async {
    let stand = Stand([.fill("a.fine", [Measured(1)])])
    let argument = name == "why" ? "name" : "names"
    #expect(await stand.failure(name, [argument: .array([])])?.code == "call.argument")
    #expect(await stand.failure(name, [argument: .string("z.*")])?.code == "check.unknown")
  }

  @Test func `whoever names a check by its plugin is told the system that has it`() async throws {
    let stand = Stand([.fill("rec.lag", [Measured(1)]), .fill("host.load", [Measured(1)])])
    #expect(await stand.failure("check", ["names": .string("recorder.lag")])?.hint == "did you mean 'rec.lag'?")
  }

  @Test func `why shows what a value was read from, of what is fine, too`() async throws {
    let stand = Stand([.fill("a.fill", [Measured(1, evidence: .string("1 of 100"))])])
    _ = try await stand.call("why", ["name": .string("a.fill")])
    #expect(stand.dialogue.text.hasSuffix("\n  from: \"1 of 100\""), "\(stand.dialogue.text)")
  }

  @Test func `the site judges otherwise, and says so`() async throws {
    var stand = Stand([.fill("a.fill", [Measured(60)])])
    let override = Value.table([
      "ok": .table(["below": .int(70)]), "owner": .string("anna"), "refs": .string("docs/fill.md"),
    ])
    try stand.site(["checks": .table(["a.fill": override])])
    let findings = try await stand.findings()
    #expect(findings.first?.level == .ok && findings.first?.owner == "anna" && findings.first?.isOverridden == true)
    #expect(findings.first?.line == "OK a.fill: 60; OK is less than 70, set by the site")
    _ = try await stand.call("why", ["name": .string("a.fill")])
    #expect(
      stand.dialogue.text == """
        a.fill: It
          OK is less than 70, BAD is 80 or more
          set by the site; the check's author says: OK is less than 50, BAD is 80 or more
          owner: anna
          see: docs/fill.md
          OK a.fill: 60; OK is less than 70, set by the site
        """
    )
  }

  @Test(arguments: [
    (["a.fil": Value.table(["owner": .string("x")])], "no check is called 'a.fil'"),
    (["a.fill": .table(["ok": .table(["above": .int(90)])])], "OK is more than 90, BAD is 80 or more"),
    (["a.fill": .table(["bad": .table(["from": .int(10)])])], "OK is less than 50, BAD is 10 or more"),
  ])
  func `an override that cannot hold makes its check UNKNOWN and spares the rest`(
    checks: [String: Value],
    words: String
  ) async throws {
    var stand = Stand([.fill("a.fill", [Measured(1)]), .fill("b.fine", [Measured(1)])])
    try stand.site(["checks": .table(checks)])
    let findings = try await stand.findings()
    let name = try #require(checks.keys.first)
    #expect(findings.first?.level == .unknown && findings.first?.check == name)
    #expect(findings.first?.note.hasPrefix("site.lua: checks[\"\(name)\"]") == true, "\(findings)")
    #expect(findings.first?.note.contains(words) == true, "\(findings)")
    #expect(findings.last?.line == "OK b.fine: 1; OK is less than 50")
    #expect(await stand.failure("gate", ["names": .string(name)])?.failureClass == .unavailable)
    #expect(stand.surroundings.checkList.problems.count == 1)
  }

  @Test func `thresholds of the site that cannot judge together are an error of the site`() {
    var stand = Stand()
    let wrong = Value.table(["ok": .table(["below": .int(50)]), "bad": .table(["from": .int(40)])])
    let error = #expect(throws: DataError.self) { try stand.site(["checks": .table(["a.fill": wrong])]) }
    #expect(error?.path == #"checks["a.fill"]"#)
    #expect(error?.got == "OK is less than 50, BAD is 40 or more: some numbers are both")
  }

  @Test func `findings that say the same about several subjects share a line`() {
    let judged = JudgedCheck(.fill("a.fill", []))
    let findings = [("web1", 1.0), ("web2", 1), ("web3", 60), ("web4", 1)].map { name, value in
      judged.finding(Measured(value, subject: name), asked: 1000, now: 1000)
    }
    #expect(
      findings.lines == [
        "OK a.fill web[1-2,4] (3): 1; OK is less than 50",
        "WARN a.fill web3: 60; OK is less than 50, BAD is 80 or more",
      ]
    )
  }

  @Test func `a name that selects nothing is an error with the nearest`() throws {
    let stand = Stand([.fill("a.fill", [])])
    let failure = #expect(throws: CallFailure.self) { try stand.surroundings.checkList.selected(by: ["a.fil"]) }
    #expect(failure?.hint?.contains("a.fill") == true)
  }

  @Test func `what hosts say cannot break a line or command a terminal`() {
    let finding = JudgedCheck(.fill("a.fill", [])).finding(
      Measured(nil, subject: "x\u{1b}[2J", note: "one\ntwo\u{202e}"),
      asked: 1000,
      now: 1000
    )
    #expect(finding.line == "UNKNOWN a.fill x [2J: one two ")
  }
}

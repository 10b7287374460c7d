import PrimitiveKit
import Testing

@testable import Checks

/// Every kind of threshold at its boundary, just below and just above it; missing data is never green (RX-05).
struct JudgementTests {
  private func declaration(_ ok: [Threshold], _ bad: [Threshold] = []) -> CheckDeclaration {
    CheckDeclaration("test.it", "It", unit: "s", ok: ok, bad: bad, age: .seconds(120), owner: "ops")
  }

  private func judged(_ ok: [Threshold], _ bad: [Threshold] = []) -> JudgedCheck {
    JudgedCheck(Check(declaration(ok, bad)) { _ in [] })
  }

  /// Each value with what lies just below and just above it.
  @Test(arguments: [
    ([Threshold.below(50)], [Threshold.from(80)], [50.0, 80], "OWW WBB"),
    ([.to(60)], [.above(300)], [60, 300], "OOW WWB"),
    ([.above(10)], [.to(5)], [10, 5], "WWO BBW"),
    ([.from(10)], [.below(5)], [10, 5], "WOO BWW"),
    ([.equals(0)], [.from(1)], [0, 1], "WOW WBB"),
    ([.equals(0)], [.above(0), .below(0)], [0], "BOB"),
    ([.equals(4)], [.equals(5)], [4, 5], "WOW WBW"),
    ([.between(3, 9)], [.between(20, 30)], [3, 9, 20, 30], "WOO OOW WBB BBW"),
    ([.from(3), .to(9)], [.below(1), .above(20)], [1, 3, 9, 20], "BWW WOO OOW WWB"),
    ([.below(7)], [], [7], "OWW"),
    ([.below(50)], [.from(50)], [50], "OBB"),
    ([.below(-2)], [.from(0)], [-2, 0], "OWW WBB"),
    ([.below(0.5)], [.above(0.95)], [0.5, 0.95], "OWW WWB"),
  ])
  func `a number is judged by its side of each boundary`(
    ok: [Threshold],
    bad: [Threshold],
    values: [Double],
    levels: String
  ) {
    let judged = judged(ok, bad)
    #expect(judged.declaration.flaw == nil)
    let found = values.map { value in
      [value.nextDown, value, value.nextUp].map { value in
        judged.finding(Measured(value), asked: 1000, now: 1000).level.rawValue.prefix(1)
      }.joined()
    }
    #expect(found.joined(separator: " ") == levels)
  }

  @Test func `a value of years ago is none of now, unless its check says so`() {
    let judged = JudgedCheck(.fill("a.fill", []))
    let finding = judged.finding(Measured(1, at: 1), asked: 1e9, now: 1e9)
    #expect(finding.level == .unknown)
    #expect(finding.note == "the value is 11574 days old; `age` says how old it may be")
    let patient = CheckDeclaration("a.old", "It", ok: [.below(50)], age: .seconds(2_000_000_000))
    let old = JudgedCheck(Check(patient) { _ in [] }).finding(Measured(1, at: 1), asked: 1e9, now: 1e9)
    #expect(old.level == .ok)
  }

  @Test(arguments: [
    (Measured(nil), "there is no value"), (Measured(.nan), "the value is not a number"),
    (Measured(.infinity), "the value is infinite"), (Measured(-.infinity), "the value is infinite"),
    (Measured(nil, note: "no rows"), "no rows"),
    (Measured(1, at: 879), "the value is 121 s old; it may be at most 2 min old"),
    (Measured(1, at: -.infinity), "`at` is -inf, and seconds since 1970 are expected"),
    (Measured(1, at: .nan), "`at` is nan, and seconds since 1970 are expected"),
    (Measured(1, at: -1e300), "`at` is -1e+300, and seconds since 1970 are expected"),
    (Measured(1, at: 1010), "it was measured 10 s in the future: a clock is wrong"),
    (
      Measured(1, at: 1_795_261_502_000),
      "`at` is 1795261502000, and seconds since 1970 are expected; divide by 1000 where it is in milliseconds"
    ),
  ])
  func `what is not known is UNKNOWN and says why`(measured: Measured, note: String) {
    // Whatever the number, none of these would be anything but OK or BAD.
    for judged in [judged([.below(50)], [.from(80)]), judged([.above(50)], [.to(50)])] {
      let finding = judged.finding(measured, asked: 1000, now: 1000)
      #expect(finding.level == .unknown)
      #expect(finding.note == note)
      #expect(finding.line == "UNKNOWN test.it: \(note)")
    }
  }

  @Test func `a value that is just young enough, or just ahead, is judged`() {
    let judged = judged([.below(50)])
    #expect(judged.finding(Measured(1, at: 880), asked: 1000, now: 1000).level == .ok)
    #expect(judged.finding(Measured(1, at: 1005), asked: 1000, now: 1000).level == .ok)
    #expect(judged.finding(Measured(1, at: 1005.1), asked: 1000, now: 1000).level == .unknown)
    #expect(judged.finding(Measured(1, at: 880), asked: 1000, now: 1000).age == 120)
  }

  @Test func `a value without a time is as old as the question`() {
    let judged = judged([.below(50)])
    #expect(judged.finding(Measured(1), asked: 900, now: 1000).age == 100)
    #expect(judged.finding(Measured(1), asked: 800, now: 1000).level == .unknown)
    // A clock that was set back while it measured makes nothing younger than now.
    #expect(judged.finding(Measured(1), asked: 2000, now: 1000).age == 0)
  }

  @Test(arguments: [
    ([], [], "`ok` is missing: nothing could ever be OK"),
    ([Threshold.below(50)], [Threshold.from(40)], "OK is less than 50, BAD is 40 or more: some numbers are both"),
    ([.to(50)], [.from(50)], "OK is at most 50, BAD is 50 or more: some numbers are both"),
    ([.between(3, 9)], [.equals(9)], "OK is from 3 to 9, BAD is exactly 9: some numbers are both"),
    ([.below(3), .above(9)], [], "no number is OK: none is less than 3 and more than 9"),
    ([.below(3), .from(3)], [], "no number is OK: none is less than 3 and 3 or more"),
    ([.between(9, 3)], [], "no number is from 9 to 3"),
    ([.below(1)], [.between(9, 3)], "no number is from 9 to 3"),
    ([.below(.nan)], [], "a threshold is not a finite number"),
    ([.equals(.infinity)], [], "a threshold is not a finite number"),
  ])
  func `thresholds that cannot judge say why`(ok: [Threshold], bad: [Threshold], flaw: String) {
    #expect(declaration(ok, bad).flaw == flaw)
  }

  @Test func `a check whose thresholds cannot judge is UNKNOWN, whatever it measures`() async throws {
    let flawed = Check(declaration([.below(50)], [.from(40)])) { _ in [Measured(1)] }
    let findings = try await Stand([flawed]).findings()
    #expect(findings.map(\.level) == [.unknown])
    #expect(findings.first?.note.contains("some numbers are both") == true)
    let endless = Check(declaration([])) { _ in [Measured(1)] }
    #expect(try await Stand([endless]).findings().map(\.level) == [.unknown])
  }

  @Test func `thresholds that touch leave every number one level`() {
    #expect(declaration([.below(50)], [.from(50)]).flaw == nil)
    #expect(declaration([.equals(0)], [.above(0), .below(0)]).flaw == nil)
  }

  @Test func `the worst comes first, and nothing measured is not green`() {
    #expect(CheckLevel.worst([.ok, .warn, .unknown, .bad]) == .bad)
    #expect(CheckLevel.worst([.ok, .warn, .unknown]) == .unknown)
    #expect(CheckLevel.worst([.ok, .warn]) == .warn)
    #expect(CheckLevel.worst([]) == .unknown)
  }
}

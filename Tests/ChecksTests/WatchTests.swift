import Foundation
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Checks

/// One screen of 80 by 24: the worst first, what changed marked, the last values as a line.
struct WatchTests {
  private let judged = JudgedCheck(.fill("a.fill", []))

  private func finding(_ subject: String, _ value: Double?) -> Finding {
    judged.finding(Measured(value, subject: subject), asked: 1000, now: 1000)
  }

  private func lines(_ screen: WatchScreen, rows: Int = 24) -> [String] {
    screen.lines(at: "1970-01-01 00:16:40 UTC", every: .seconds(10), columns: 80, rows: rows)
  }

  @Test func `changes are marked, better or worse, and the last values are drawn`() {
    var screen = WatchScreen()
    screen.take([finding("x", 10), finding("y", 60), finding("z", 1)])
    #expect(
      lines(screen) == [
        "check.watch 1970-01-01 00:16:40 UTC, every 10 s, Ctrl-C ends",
        "3 findings: 1 WARN, 2 OK",
        "  WARN    a.fill y ▄          60; OK is less than 50, BAD is 80 or more",
        "  OK      a.fill x ▄          10; OK is less than 50",
        "  OK      a.fill z ▄          1; OK is less than 50",
      ]
    )
    screen.take([finding("x", 90), finding("y", 20), finding("z", 1), finding("w", nil)])
    #expect(
      Array(lines(screen).dropFirst()) == [
        "4 findings: 1 BAD, 1 UNKNOWN, 2 OK",
        "! BAD     a.fill x ▁█         90; BAD is 80 or more",
        "+ UNKNOWN a.fill w ·          there is no value",
        "+ OK      a.fill y █▁         20; OK is less than 50",
        "  OK      a.fill z ▄▄         1; OK is less than 50",
      ]
    )
  }

  @Test func `what is not spoken of any more is UNKNOWN, not gone`() {
    var screen = WatchScreen()
    screen.take([finding("x", 10), finding("y", 10)])
    screen.take([finding("x", 10)])
    #expect(lines(screen)[2] == "! UNKNOWN a.fill y ▄·         it was found before and is missing now")
    screen.take([finding("x", 10), finding("y", 10)])
    #expect(lines(screen)[3] == "+ OK      a.fill y ▄·▄        10; OK is less than 50")
  }

  @Test(arguments: [(24, 1), (24, 20), (24, 21), (24, 22), (24, 500), (5, 500), (1, 3)])
  func `it fits the screen and counts what does not`(rows: Int, count: Int) {
    var screen = WatchScreen()
    let long = String(repeating: "long", count: 30)
    screen.take((0..<count).map { finding("\(long)\($0)", $0 == 3 ? 90 : 1) })
    let lines = lines(screen, rows: rows)
    #expect(lines.count <= max(rows - 1, 4))
    #expect(lines.allSatisfy { $0.count <= 79 })
    let shown = lines.dropFirst(2).filter { !$0.hasPrefix("and ") }.count
    #expect(shown > 0)
    let rest = lines.last?.hasPrefix("and ") == true ? Int(lines.last?.split(separator: " ")[1] ?? "") ?? 0 : 0
    #expect(shown + rest == count)
    if count > 3 { #expect(lines[2].hasPrefix("  BAD")) }
  }

  @Test(
    arguments: [
      ([], ""), ([nil, nil], "··"), ([1], "▄"), ([1, 1], "▄▄"), ([0, 7, nil, 3.5], "▁█·▅"),
      ([-1e308, 1e308], "▁█"), ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"),
    ] as [([Double?], String)]
  )
  func `a sparkline goes from the least to the greatest`(values: [Double?], line: String) {
    #expect(WatchScreen.sparkline(values) == line)
  }

  @Test func `it looks as often as it is told, and Ctrl-C ends it`() async throws {
    let clock = ManualClock()
    let stand = Stand(clock: clock)
    let counter = Counter()
    let watch = Watch(
      surroundings: stand.surroundings,
      look: { () throws(CallFailure) in [self.finding("x", Double(counter.next()))] },
      every: .seconds(10)
    )
    let last = try await lettingTimePass(clock) { try await watch.run(times: 3) }
    #expect(last.map(\.value) == [2])
    #expect(clock.now.offset == .seconds(20))
    #expect(stand.dialogue.said.count == 3)
    #expect(stand.dialogue.events("check.findings").count == 3)
    let endless = Task { await CallFailure.result { () async throws(CallFailure) in try await watch.run(times: nil) } }
    await clock.sleepers(atLeast: 1)
    endless.cancel()
    await #expect(throws: CallFailure.cancelled) { try await endless.value.get() }
  }

  @Test func `numbers that make no watch are refused`() async {
    for arguments in [["times": Value.int(0)], ["every": .number(0.1)]] {
      #expect(await Stand([.fill("a", [])]).failure("check.watch", arguments)?.code == "call.argument")
    }
  }
}

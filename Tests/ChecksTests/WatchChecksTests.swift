import OpshTesting
import PrimitiveKit
import Testing

@testable import Checks

/// What the watcher says of itself; it is second 1000.
struct WatchChecksTests {
  /// What `watch.age` finds of `desk.fill`, which is measured every minute, and of the watcher at work `at`.
  private func ages(_ at: Double?, _ looks: [String: Double]) async throws -> [String] {
    var stand = Stand([.fill("desk.fill", [Measured(1)])] + WatchChecks.all)
    try stand.route(check: "desk.*")
    let memory = PretendMemory()
    let times = looks.merging(at.map { ["": $0] } ?? [:]) { $1 }
    try await memory.keep(times.map { CheckSample(WatchAge.key, $0.key, CheckReading(1, at: $0.value)) })
    stand.surroundings.memory = memory
    return try await stand.findings().filter { $0.check == WatchAge.name }.map { finding in
      "\(finding.level.rawValue) \(finding.subject)"
    }
  }

  @Test(
    arguments: [
      (940.0, "OK "), (939, "WARN "), (700, "WARN "), (699, "BAD "), (nil, "UNKNOWN "), (1006, "UNKNOWN "),
      (1004, "OK "),
    ] as [(Double?, String)]
  )
  func `a watcher that is silent is BAD, one that never ran UNKNOWN`(at: Double?, expected: String) async throws {
    #expect(try await ages(at, ["desk.fill": 1000]) == [expected])
  }

  @Test(
    arguments: [
      (880.0, ["OK "]), (879, ["WARN desk.fill", "OK "]), (640, ["WARN desk.fill", "OK "]),
      (639, ["BAD desk.fill", "OK "]), (nil, ["UNKNOWN desk.fill", "OK "]), (1006, ["UNKNOWN desk.fill", "OK "]),
    ] as [(Double?, [String])]
  )
  func `a check with a route that nobody looks at in time is named`(at: Double?, expected: [String]) async throws {
    #expect(try await ages(1000, at.map { ["desk.fill": $0] } ?? [:]) == expected)
  }

  /// What `watch.outbox` finds where this waits: for whom, and made when, in milliseconds.
  private func outbox(_ waiting: [(String, Int64)]) async throws -> Finding? {
    var stand = Stand(WatchChecks.all)
    try stand.route(check: "*")
    let outbox = MemoryOutbox()
    stand.surroundings.outbox = outbox
    let lead = try #require(try await outbox.taken())
    var change = AlertChange()
    change.notices = waiting.map { name, time in
      Notice(id: name, notifier: name, line: "a", event: .table([:]), madeAt: time)
    }
    try await outbox.post(change, by: lead)
    return try await stand.findings().first { $0.check == "watch.outbox" }
  }

  @Test func `a notice that is not delivered for long is BAD`() async throws {
    #expect(try await outbox([])?.level == .ok)
    let finding = try await outbox([("pager", -2_000_000)])
    #expect(finding?.level == .bad && finding?.value == 3000)
  }

  @Test func `what waits for a notifier that was taken out of the site is named, and is no fault`() async throws {
    let finding = try await outbox([("old", -2_000_000), ("pager", 999_000)])
    #expect(finding?.level == .ok && finding?.value == 1)
    #expect(finding?.evidence["stranded"] == .array([.string("old")]))
  }

  @Test func `a notice of the future is no good sign`() async throws {
    let finding = try await outbox([("pager", 1_060_000)])
    #expect(finding?.level == .unknown)
    #expect(finding?.note == "a notice was made 60 s in the future: a clock is wrong")
  }
}

import Foundation
import OpshTesting
import PrimitiveKit
import Synchronization
import Testing

@testable import Checks

/// Growth is judged from two samples; one sample, a wrong clock and samples that are too close are UNKNOWN.
final class GrowthTests: Sendable {
  private let memory = PretendMemory()
  private let time = Mutex(1000.0)

  /// Grows OK to 5 per hour, BAD from 10.
  private func line(after seconds: Double, _ number: Double?, at: Double? = nil, dry: Bool = false) async throws
    -> String
  {
    let now = time.withLock { time in
      time += seconds
      return time
    }
    let check = Check(CheckDeclaration("a.rows", "It", ok: [.to(5)], bad: [.from(10)], growth: .seconds(3600))) { _ in
      [Measured(number, at: at)]
    }
    var stand = Stand([check], now: { Date(timeIntervalSince1970: now) })
    stand.surroundings.memory = memory
    stand.surroundings.options.isDryRun = dry
    return try await stand.findings().map(\.line).joined(separator: "\n")
  }

  @Test func `the second sample tells how much it grew`() async throws {
    #expect(try await line(after: 0, 10) == "UNKNOWN a.rows: this is the first sample; growth needs two")
    #expect(try await line(after: 3600, 15) == "OK a.rows: 5; OK is at most 5")
    #expect(try await line(after: 1800, 20) == "BAD a.rows: 10; BAD is 10 or more")
    #expect(try await line(after: 7200, 22) == "OK a.rows: 1; OK is at most 5")
    #expect(try await line(after: 3600, 21) == "OK a.rows: -1; OK is at most 5")
  }

  @Test func `samples that are close are compared with the one before`() async throws {
    _ = try await line(after: 0, 10)
    #expect(
      try await line(after: 59, 10) == "UNKNOWN a.rows: the last sample is only 59 s old; growth needs 60 s between two"
    )
    #expect(try await line(after: 3541, 15) == "OK a.rows: 5; OK is at most 5")
    // Another operator asks 10 s later.
    #expect(try await line(after: 10, 15).hasPrefix("OK a.rows: 4.98"))
    #expect(try await line(after: 3590, 15) == "OK a.rows: 0; OK is at most 5")
  }

  @Test func `missing values and wrong clocks are UNKNOWN and spoil no later sample`() async throws {
    _ = try await line(after: 0, 10)
    #expect(try await line(after: 3600, nil) == "UNKNOWN a.rows: there is no value")
    #expect(try await line(after: 0, .nan) == "UNKNOWN a.rows: the value is not a number")
    #expect(try await line(after: 0, 15, at: 9_999_999).contains("in the future"))
    // No journal can keep such a time.
    #expect(try await line(after: 0, 15, at: -1e300).contains("seconds since 1970 are expected"))
    #expect(try await line(after: 0, 15) == "OK a.rows: 5; OK is at most 5")
    #expect(
      try await line(after: -7200, 15) == "UNKNOWN a.rows: the last sample is newer than this one: a clock is wrong"
    )
    #expect(try await line(after: 3600, 16) == "OK a.rows: 1; OK is at most 5")
  }

  @Test func `a dry run keeps nothing`() async throws {
    _ = try await line(after: 0, 10, dry: true)
    #expect(memory.all.isEmpty)
    #expect(try await line(after: 3600, 15) == "UNKNOWN a.rows: this is the first sample; growth needs two")
  }

  @Test func `a memory that cannot be read is UNKNOWN`() async throws {
    _ = try await line(after: 0, 10)
    memory.fails.withLock { $0 = true }
    #expect(try await line(after: 3600, 15) == "UNKNOWN a.rows: the disk is full")
  }

  @Test func `a dead man's check tells how long ago another one found something`() async throws {
    func findings(at now: Double, _ number: Double?) async throws -> [String] {
      var stand = Stand([.fill("rocky.invariant", [Measured(number)])], now: { Date(timeIntervalSince1970: now) })
      let watch = Value.table([
        "kind": .string("dead_man"), "of": .string("rocky.invariant"), "ok": .table(["to": .string("5m")]),
        "bad": .table(["above": .string("10m")]),
      ])
      try stand.site(["checks": .table(["rocky.watch": watch])])
      stand.surroundings.memory = memory
      let alarm = try stand.surroundings.checkList.selected(by: ["rocky.watch"])
      let lines = try await CheckRunner(stand.surroundings).findings(of: alarm).map(\.line)
      // Whoever measures the other one resets the alarm.
      if number != nil {
        _ = try await CheckRunner(stand.surroundings).findings(of: stand.surroundings.checkList.checks)
      }
      return lines
    }
    #expect(try await findings(at: 1000, 1) == ["UNKNOWN rocky.watch: 'rocky.invariant' was never measured"])
    #expect(try await findings(at: 1300, nil) == ["OK rocky.watch: 300 s; OK is at most 300"])
    #expect(try await findings(at: 1301, nil) == ["WARN rocky.watch: 301 s; OK is at most 300, BAD is more than 600"])
    #expect(try await findings(at: 1601, 90) == ["BAD rocky.watch: 601 s; BAD is more than 600"])
    #expect(try await findings(at: 1602, 1) == ["OK rocky.watch: 1 s; OK is at most 300"])
    #expect(
      try await findings(at: 1000, nil).first?.hasPrefix("UNKNOWN rocky.watch: 'rocky.invariant' was measured 602 s")
        == true
    )
  }
}

/// A memory in memory.
final class PretendMemory: CheckMemory {
  let fails = Mutex(false)
  private let samples = Mutex<[String: CheckSample]>([:])

  var all: [CheckSample] { samples.withLock { Array($0.values) } }

  func samples(of check: String) async throws(CallFailure) -> [CheckSample] {
    try die()
    return all.filter { $0.check == check }
  }

  func keep(_ kept: [CheckSample]) async throws(CallFailure) {
    try die()
    samples.withLock { samples in
      for sample in kept { samples["\(sample.check)/\(sample.subject)"] = sample }
    }
  }

  private func die() throws(CallFailure) {
    if fails.withLock({ $0 }) { throw CallFailure(.journal, code: "journal.full", message: "the disk is full") }
  }
}

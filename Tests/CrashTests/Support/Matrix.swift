import Foundation
import Journal
import Testing

/// One piece of work that is interrupted in every way and must come to the same end.
struct Matrix: Sendable {
  let prey: Prey
  /// The words that start the work; every second time the other ones, where there are two ways to go.
  let ways: [[String]]
  private let expected: [(HostPicture, JournalPicture)]
  /// How long each undisturbed run takes.
  let durations: [Duration]
  /// Syncs of journal files in each undisturbed run.
  let syncs: [Int]

  /// Runs each way undisturbed, to know what must come out.
  ///
  /// Where there are two, each begins where the other ended, so what the lab was raised with is left behind first.
  init(_ prey: Prey, ways: [[String]]) async throws {
    self.prey = prey
    self.ways = ways
    var expected: [(HostPicture, JournalPicture)] = []
    var syncs: [Int] = []
    var durations: [Duration] = []
    if ways.count > 1 {
      for way in ways {
        try prey.reset()
        let run = try await prey.opsh(way)
        guard run.status == 0 else { throw Failed(outcome: run) }
      }
    }
    for way in ways {
      try prey.reset()
      let count = prey.directory + "/syncs"
      try? FileManager.default.removeItem(atPath: count)
      let begun = ContinuousClock.now
      let run = try await prey.opsh(way, harm: .counting(into: count))
      durations.append(ContinuousClock.now - begun)
      guard run.status == 0 else { throw Failed(outcome: run) }
      try await prey.quiet()
      expected.append((try HostPicture.of(prey), try await JournalPicture.of(prey)))
      syncs.append(try String(contentsOfFile: count, encoding: .utf8).split(separator: "\n").count)
    }
    self.expected = expected
    self.syncs = syncs
    self.durations = durations
  }

  struct Failed: Error, CustomStringConvertible {
    let outcome: Prey.Outcome
    var description: String { "the undisturbed run failed: \(outcome)" }
  }

  /// Starts the work under a harm, lets it be taken up until it ends, and answers what is not as it should be.
  ///
  /// - Parameter again: the harm to each process that takes it up; none by default.
  func disturb(way: Int, harm: Harm, again: [Harm] = []) async throws -> [String] {
    try prey.reset()
    var words = ways[way]
    var last = try await prey.opsh(words, harm: harm)
    var harms = again[...]
    for _ in 0..<12 {
      let run = try await prey.newestRun()
      if let run, run.state == .ok { return try await compare(way) }
      words = run.map { ["resume", $0.id] } ?? ways[way]
      last = try await prey.opsh(words, harm: harms.popFirst() ?? .none)
    }
    return ["it does not come to an end; last \(words): \(last)"]
  }

  func expectedHosts(_ way: Int) -> HostPicture { expected[way].0 }

  private func compare(_ way: Int) async throws -> [String] {
    try await prey.quiet()
    let (hosts, journal) = expected[way]
    return try HostPicture.of(prey).differences(from: hosts)
      + (try await JournalPicture.of(prey)).differences(from: journal)
  }
}

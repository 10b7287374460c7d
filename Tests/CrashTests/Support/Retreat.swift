import Foundation
import Journal
import OpshLab
import PrimitiveKit

/// A deploy that is disturbed and then rolled back, under disturbances too, until nothing of it is left.
struct Retreat: Sendable {
  let prey: Prey
  /// The words that deploy, in several ways.
  let ways: [[String]]
  /// How long undisturbed deploys and rollbacks take, and how often they sync the journal, by way.
  private let measured: [(deploy: Measure, rollback: Measure)]

  private struct Measure: Sendable {
    let duration: Duration
    let syncs: Int
  }

  /// Runs each way undisturbed and back.
  init(_ prey: Prey, ways: [[String]]) async throws {
    self.prey = prey
    self.ways = ways
    var measured: [(Measure, Measure)] = []
    for way in ways {
      try prey.reset()
      let deploy = try await Retreat.measure(prey, way)
      let run = try await prey.newestRun()?.id ?? ""
      measured.append((deploy, try await Retreat.measure(prey, ["rollback", run])))
    }
    self.measured = measured
  }

  private static func measure(_ prey: Prey, _ words: [String]) async throws -> Measure {
    let count = prey.directory + "/syncs"
    try? FileManager.default.removeItem(atPath: count)
    let begun = ContinuousClock.now
    let run = try await prey.opsh(words, harm: .counting(into: count))
    guard run.status == 0 else { throw Matrix.Failed(outcome: run) }
    let syncs = try String(contentsOfFile: count, encoding: .utf8).split(separator: "\n").count
    return Measure(duration: ContinuousClock.now - begun, syncs: syncs)
  }

  /// Lets the first storm come over the deploy and the others over its rollbacks; the last is in fair weather.
  ///
  /// Answers what is not as it should be.
  func weather(way: Int, _ storms: [Storm]) async throws -> [String] {
    try prey.reset()
    let old = try prey.versions()
    var wrong = old.values.allSatisfy { $0 == "v1" } ? [] : ["before: \(old)"]
    var story = ["deploy: \(try await start(ways[way], in: storms.first, measured[way].deploy))"]
    try await prey.quiet()
    wrong += try misfits("after the deploy")
    guard let run = try await prey.newestRun() else { return wrong + (try differences(from: "v1", story)) }
    var storms = storms.dropFirst()
    for _ in 0..<8 {
      let storm = storms.popFirst()
      let outcome = try await start(["rollback", run.id], in: storm, measured[way].rollback)
      story.append("rollback under \(storm.map(\.description) ?? "nothing"): \(outcome)")
      try await prey.quiet()
      wrong += try misfits("after a rollback") + (try liesOf(outcome))
      guard storm == nil, let status = outcome.status, status == 0 || status == 6 else { continue }
      wrong += try differences(from: "v1", []) + (try await faults(of: run.id, isUndone: status == 0))
      return wrong.isEmpty ? [] : wrong + story
    }
    return ["it does not come to an end"] + wrong + story
  }

  private func start(_ words: [String], in storm: Storm?, _ measure: Measure) async throws -> Prey.Outcome {
    guard let storm else { return try await prey.opsh(words) }
    async let strike: Void = storm.strike(prey, within: measure.duration)
    let outcome = try await prey.opsh(words, harm: storm.harm(syncs: measure.syncs))
    try await strike
    return outcome
  }

  /// Bots that run neither version, or both.
  private func misfits(_ when: String) throws -> [String] {
    var wrong: [String] = []
    for (bot, version) in try prey.versions() where version != "v1" && version != "v2" {
      wrong.append("\(when): \(bot) runs \(version)")
    }
    for (bot, count) in prey.processes() where count != 1 { wrong.append("\(when): \(bot) has \(count) processes") }
    return wrong
  }

  /// Hosts that a rollback calls undone, or does not name, although they are not.
  private func liesOf(_ outcome: Prey.Outcome) throws -> [String] {
    guard let status = outcome.status, [0, 6, 8, 9].contains(status) else { return [] }
    // Refused before it looked: by the lock of a process that was killed, or the journal.
    if status == 6, !outcome.errors.contains("undo") { return [] }
    let named = status == 0 || status == 6 ? [] : Retreat.hosts(in: outcome.errors)
    let versions = try prey.versions()
    return prey.lab.hosts.filter { !named.contains($0.name) }.flatMap { host in
      host.bots.filter { versions[$0] != "v1" }.map { bot in
        "\(bot) on \(host.name) runs \(versions[bot] ?? "nothing"), and status \(status) hides it"
      }
    }
  }

  /// The hosts that a text names, folded or not.
  private static func hosts(in text: String) -> Set<String> {
    var found: Set<String> = []
    for match in text.matches(of: #/web(\[[0-9,\-]+\]|[0-9]+)/#) {
      found.formUnion((try? NameSet(parsing: String(match.output.0)))?.names ?? [])
    }
    return found
  }

  private func differences(from version: String, _ story: [String]) throws -> [String] {
    let wrong = try prey.versions().filter { $0.value != version }.map { "\($0.key) ends on \($0.value)" }.sorted()
    return wrong.isEmpty ? [] : wrong + story
  }

  private func faults(of run: String, isUndone: Bool) async throws -> [String] {
    try await prey.withJournal { journal in
      var wrong = try await journal.verify().problems.map { "audit: \($0.message)" }
      wrong += try await journal.unresolved().map { "unknown outcomes: \($0.summary)" }
      let state = try await journal.run(run).state
      if isUndone, state != .rolledBack { wrong.append("the run is \(state.rawValue)") }
      wrong += try await journal.badReleases().map { "\($0.image) is marked bad: \($0.reason)" }
      return wrong
    }
  }
}

extension Prey {
  /// The version that each bot says it runs, by a process that is there; `nothing` without one.
  func versions() throws -> [String: String] {
    var found: [String: String] = [:]
    for host in lab.hosts {
      for bot in host.bots {
        let path = "\(lab.layout.home(of: host.name))/bots/\(bot)/heartbeat"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        var beat: [String: String] = [:]
        for line in text.split(separator: "\n") {
          let pair = line.split(separator: "=", maxSplits: 1).map(String.init)
          if pair.count == 2 { beat[pair[0]] = pair[1] }
        }
        let isThere = beat["pid"].map { FileManager.default.fileExists(atPath: "/proc/\($0)") } ?? false
        found[bot] = isThere ? beat["version"] ?? "nothing" : "nothing"
      }
    }
    return found
  }
}

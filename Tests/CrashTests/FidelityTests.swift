import Foundation
import Journal
import OpshLab
import PrimitiveKit
import Testing

/// What a plan foretells is what is done, and a dry run leaves no trace on any host.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct FidelityTests {
  @Test(.enabled(if: FileManager.default.fileExists(atPath: Prey.shipped("rollback"))))
  func `the runbooks that are shipped do what their plans say, to the last operation`() async throws {
    try await Prey.with(hosts: 3, botsPerHost: 2) { prey in
      let all = "target=all"
      try await expectForetold(
        prey,
        [Prey.shipped("deploy"), all, "image=v2"],
        kinds: ["bots.swap", "host.script.install"]
      )
      try await expectForetold(prey, [Prey.shipped("restart"), all], kinds: ["bots.control"])
      try await expectForetold(prey, [Prey.shipped("rollback"), all], kinds: ["bots.swap"])
      let rows = try await prey.withJournal { try await $0.fidelity() }
      #expect(Set(rows.map(\.kind)).isSuperset(of: ["bots.swap", "bots.control", "host.script.install"]), "\(rows)")
      for row in rows { #expect(row.predicted == row.matched, "\(row)") }
      let shown = try await prey.opsh("fidelity")
      #expect(shown.status == 0 && shown.output.contains("100"), "\(shown)")
    }
  }

  @Test func `a runbook of a deploy does what its plan says and its dry run leaves no trace`() async throws {
    try await Prey.with(hosts: 3) { prey in
      let words = [Prey.runbook("rollout"), "target=all", "image=v2"]
      try await expectForetold(prey, words, kinds: ["bots.swap", "host.script.install", "host.exec"])
      let rows = try await prey.withJournal { try await $0.fidelity() }
      // What a command does is not known before it ran.
      for row in rows where row.kind != "host.exec" { #expect(row.predicted == row.matched, "\(row)") }
    }
  }

  /// Plans, looks that nothing changed, does it, and compares the operations by their keys.
  private func expectForetold(_ prey: Prey, _ words: [String], kinds: [String]) async throws {
    let plan = prey.directory + "/plan.json"
    try? FileManager.default.removeItem(atPath: plan)
    let before = try HostPicture.of(prey, isWhole: true)
    let dry = try await prey.opsh(["--dry-run", "--plan-out", plan] + words)
    #expect(dry.status == 0, "\(dry)")
    #expect(try HostPicture.of(prey, isWhole: true).differences(from: before) == [], "\(dry)")

    let real = try await prey.opsh(words)
    #expect(real.status == 0, "\(real)")
    let file = try #require(FileManager.default.contents(atPath: plan), "\(dry)")
    let json = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
    let operations = try #require((json["plan"] as? [String: Any])?["operations"] as? [[String: Any]])
    let foretold = operations.compactMap { $0["key"] as? String }.sorted()
    let done = try await prey.withJournal { journal -> [String] in
      let run = try #require(try await journal.runs(RunFilter(limit: 1)).first)
      return try await journal.operations(of: run.id).map(\.key).sorted()
    }
    #expect(foretold == done, "\(dry)\n\(real)")
    for kind in kinds { #expect(done.contains { $0.contains(kind) }, "\(kind) in \(done)") }
  }
}

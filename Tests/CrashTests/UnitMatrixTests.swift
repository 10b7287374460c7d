import Foundation
import Journal
import OpshLab
import Testing

/// Kills opsh at writes of its journal while it restarts units that systemd ties to each other.
///
/// `make test` kills at every twelfth write; `make soak` before and after each.
@Suite(
  .enabled(if: UnitHost.obstacle == nil, "hosts with systemd need root"),
  .serialized,
  .timeLimit(.minutes(60))
)
struct UnitMatrixTests {
  private static let restart = ["-e", #"runbook.run<name="aiquant/restart-services", arguments={ live=true }>"#]

  @Test func `restart-services killed at any write of its journal has one new process of each unit`() async throws {
    try await Prey.with(hosts: 1, system: "aiquant") { prey in
      let count = prey.directory + "/syncs"
      let first = try await prey.opsh(Self.restart, harm: .counting(into: count))
      #expect(first.status == 0, "\(first)")
      let syncs = try String(contentsOfFile: count, encoding: .utf8).split(separator: "\n").count
      let every = Effort.isWhole ? 1 : 12
      for sync in stride(from: 1, through: syncs, by: every) {
        for moment in Effort.isWhole ? Harm.Moment.allCases : [(sync / every).isMultiple(of: 2) ? .after : .before] {
          let differences = try await disturb(prey, .kill(at: sync, moment))
          #expect(differences == nil, "killed \(moment) sync \(sync): \(differences ?? "")")
        }
      }
    }
  }

  /// What is not as the plan said, once the run that was killed has been resumed to its end.
  private func disturb(_ prey: Prey, _ harm: Harm) async throws -> String? {
    try? FileManager.default.removeItem(atPath: prey.state)
    let before = processes(prey)
    var words = Self.restart
    var last = try await prey.opsh(words, harm: harm)
    for _ in 0..<12 {
      let run = try await prey.newestRun()
      if let run, run.state == .ok {
        let after = processes(prey)
        let isRight = zip(before, after).allSatisfy { $1.count == 1 && $0 != $1 }
        return isRight ? nil : "\(before) became \(after)"
      }
      if processes(prey).contains(where: { $0.count > 1 }) { return "two of one unit: \(processes(prey))" }
      words = run.map { ["resume", $0.id] } ?? Self.restart
      last = try await prey.opsh(words)
    }
    return "it does not come to an end; last \(words): \(last)"
  }

  private func processes(_ prey: Prey) -> [[Int32]] {
    prey.lab.hosts.flatMap(\.bots).map { prey.lab.units[0].processes(of: $0) }
  }
}

import Foundation
import OpshLab
import Testing

/// Deploys under storms that are rolled back under storms: every bot ends on the old or the new version, and what opsh says
/// is what a look finds that owes nothing to it.
///
/// `make test` tries 2 seeds, `make soak` 100; OPSH_SEEDS sets how many, OPSH_SEED tries one. Odd seeds are runbooks, even
/// ones deploys of the prompt.
@Suite(.timeLimit(.minutes(60)))
struct RollbackStormTests {
  private static let seeds =
    Effort.number("OPSH_SEED").map { [$0] } ?? Array(1...(Effort.number("OPSH_SEEDS") ?? (Effort.isWhole ? 100 : 2)))

  @Test func `what a rollback says under storms is what is there`() async throws {
    let progress = SweepProgress()
    let seeds = Self.seeds
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<min(Effort.lanes / 2, seeds.count) {
        group.addTask { try await Prey.with(hosts: 6) { prey in try await storm(prey, seeds, progress) } }
      }
      try await group.waitForAll()
    }
    #expect(progress.report.differences.isEmpty, "\(progress.report)")
    #expect(progress.report.points == seeds.count)
  }

  private func storm(_ prey: Prey, _ seeds: [Int], _ progress: SweepProgress) async throws {
    let ways = [
      ["-e", #"fleet.deploy<target="all", speed="routine", image="v2">;"#],
      [Prey.shipped("deploy"), "target=all", "speed=routine", "image=v2"],
    ]
    let retreat = try await Retreat(prey, ways: ways)
    let hosts = prey.lab.hosts.map(\.name)
    while let seed = progress.take(seeds) {
      var random = Seeded(seed)
      // One for the deploy, up to two for those that roll it back.
      let storms = (0..<1 + random.below(3)).map { _ in Storm(&random, hosts: hosts) }
      progress.add("seed \(seed): \(storms)", try await retreat.weather(way: seed % ways.count, storms))
    }
  }
}

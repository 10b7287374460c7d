import Foundation
import OpshLab
import Testing

/// Takes connections, sshd and the journal's disk away at moments that follow from a seed.
///
/// `make test` tries 20 seeds, `make soak` 200; OPSH_SEED tries one. Odd seeds are runbooks, even ones deploys.
// Outages are timed, so a busy machine moves them: for `make soak`, not for every change.
@Suite(.timeLimit(.minutes(60)), .enabled(if: Effort.isWhole))
struct StormTests {
  private static let seeds =
    Effort.number("OPSH_SEED").map { [$0] } ?? Array(1...(Effort.isWhole ? 200 : 20))

  @Test func `a runbook under storms ends as in fair weather, with no effect twice`() async throws {
    try await expectCalm(
      [[Prey.runbook("synthetic"), "together=false"]],
      seeds: Self.seeds.filter { !$0.isMultiple(of: 2) }
    )
  }

  @Test func `a deploy under storms ends as in fair weather, with no effect twice`() async throws {
    let deploy = [Prey.shipped("deploy"), "target=all", "speed=routine"]
    try await expectCalm(
      [deploy + ["image=v2"], deploy + ["image=v1"]],
      seeds: Self.seeds.filter { $0.isMultiple(of: 2) }
    )
  }

  private func expectCalm(_ ways: [[String]], seeds: [Int]) async throws {
    let progress = SweepProgress()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<min(Effort.lanes / 2, seeds.count) {
        group.addTask { try await Prey.with(hosts: 6) { prey in try await storm(prey, ways, seeds, progress) } }
      }
      try await group.waitForAll()
    }
    #expect(progress.report.differences.isEmpty, "\(progress.report)")
    #expect(progress.report.points == seeds.count)
  }

  private func storm(_ prey: Prey, _ ways: [[String]], _ seeds: [Int], _ progress: SweepProgress) async throws {
    let matrix = try await Matrix(prey, ways: ways)
    let hosts = prey.lab.hosts.map(\.name)
    var way = 0
    while let seed = progress.take(seeds) {
      var random = Seeded(seed)
      let storms = (0..<1 + random.below(3)).map { _ in Storm(&random, hosts: hosts) }
      progress.add("seed \(seed): \(storms)", try await matrix.weather(way: way, storms))
      way = (way + 1) % ways.count
    }
  }
}

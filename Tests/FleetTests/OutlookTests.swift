import OpshTesting
import PrimitiveKit
import Testing

@testable import Fleet

/// Dry runs say who holds the hosts, and that a second operator would be needed.
struct OutlookTests {
  /// Somebody holds web001, and everything needs an approval.
  private struct HeldRuns: RunOpener {
    func outlook(of request: RunRequest) async -> Outlook {
      let isHeld = request.hosts.contains("web001")
      return Outlook(held: isHeld ? ["host/web001 by anna: maintenance"] : [], approval: "the speed 'routine'")
    }

    func withRun<Answer: Sendable>(
      _ request: RunRequest,
      world: World,
      _ body: (Run) async throws(CallFailure) -> Answer
    ) async throws(CallFailure) -> Answer {
      throw CallFailure(.refused, code: "lock.refused", message: "held")
    }
  }

  @Test func `the plan of a deploy has both as rows`() async throws {
    let models = try FleetOfModels(hosts: 2, runs: HeldRuns())
    _ = try await models.deploy(DeployArguments(target: "all"), dry: true)
    #expect(models.dialogue.text.contains("Held              host/web001 by anna: maintenance\n"))
    #expect(
      models.dialogue.text.contains("Approval          the speed 'routine' needs an approval by another operator\n")
    )
    #expect(!models.dialogue.said.contains { $0.hasPrefix("held:") })
  }

  @Test func `a dry call of a command says both after what it would run`() async throws {
    let models = try FleetOfModels(hosts: 2, runs: HeldRuns())
    let primitive = try #require(try Catalog(models.fleet.primitives)["fleet.exec"])
    _ = try await primitive.call([.table(["on": "web*".value, "cmd": "true".value, "dry_run": true.value])])
    #expect(
      models.dialogue.said.suffix(2) == [
        "held: host/web001 by anna: maintenance", "approval: the speed 'routine' needs an approval by another operator",
      ]
    )
    #expect(models.transport.changes == [])
  }

  @Test func `a deploy with nothing to do says so, and neither worst case nor canary`() async throws {
    let models = try FleetOfModels(hosts: 2)
    _ = try await models.deploy(DeployArguments(target: "all", image: "v1"), dry: true)
    let plan = try #require(models.dialogue.said.first { $0.contains("deploy plan") })
    #expect(plan.contains("Nothing to do  every bot already runs v1"))
    for row in ["Worst case", "Canary", "Concurrency", "Error halt", "Est. duration"] { #expect(!plan.contains(row)) }
  }
}

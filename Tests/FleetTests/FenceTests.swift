import HostScriptTesting
import OpshTesting
import PrimitiveKit
import Site
import Testing

@testable import Fleet

struct FenceTests {
  @Test func `every host is told the epoch, and who could not be is named`() async throws {
    let models = try FleetOfModels(hosts: 4)
    models.model("web002") { $0.problem = .unreachable(host: "web002", reason: "no route to host", hint: nil) }
    models.model("web003") { $0.atWork = "r0-123" }
    models.model("web004") { $0.epoch = 9 }
    let hosts = try models.fleet.selectHosts("web*", in: models.site)
    let report = await models.fleet.fence(hosts, epoch: 8)
    #expect(models.state("web001")?.epoch == 8)
    #expect(report.notReached.map(\.host) == ["web002", "web004"])
    #expect(report.notReached.map(\.problem?.code) == ["host.unreachable", "host.stale_epoch"])
    #expect(report.atWork.map(\.atWork) == ["r0-123"])
  }

  @Test func `commands of a run are ended without a lock`() async throws {
    let refusal = CallFailure(.refused, code: "lock.refused", message: "mia holds the fleet")
    let models = try FleetOfModels(hosts: 2, runs: Refusing(failure: refusal))
    let run = "20261121-114502-0000000a"
    for host in ["web001", "web002"] { models.model(host) { $0.atWork = "\(run)-1" } }
    let records = try await models.fleet.abort("web*", run: run, grace: .seconds(3), dry: false)
    #expect(records.map(\.state) == ["stopped", "stopped"])
    #expect(models.state("web002")?.verbs == ["kill \(run)"])
    #expect(
      try await models.fleet.abort("web*", run: run, grace: .seconds(3), dry: true).map(\.state) == [
        "not run", "not run",
      ]
    )
    #expect(models.state("web002")?.verbs == ["kill \(run)"])
  }

  private struct Refusing: RunOpener {
    let failure: CallFailure
    func withRun<Answer: Sendable>(
      _ request: RunRequest,
      world: World,
      _ body: (Run) async throws(CallFailure) -> Answer
    ) async throws(CallFailure) -> Answer { throw failure }
  }
}

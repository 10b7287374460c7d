import Journal
import OpshTesting
import PrimitiveKit
import Testing

@testable import Approvals
@testable import Runbooks
@testable import Runs

/// Single calls that need the word of a second operator have a plan that can be approved.
struct CallApprovalTests {
  let stage = Stage()

  private func calls(_ desk: Desk, _ admission: any PlanAdmission) -> LateRuns {
    LateRuns(
      RegistryOpener { () async throws(CallFailure) in try await desk.engine.runs.registry.open() },
      admission: CallAdmission(
        policy: ApprovalPolicy(signers: "x", effects: [.changes]),
        site: "demo",
        opsh: "0.1.0",
        admission: admission
      )
    )
  }

  private var request: RunRequest { RunRequest(name: "mark", arguments: .table([:]), scopes: [], hosts: ["web1"]) }

  @Test func `a call that lacks its approval is written down with its plan, and nothing is done`() async throws {
    let desk = try await stage.desk()
    let runs = calls(desk, Nobody())
    #expect(runs.wantsPlan(of: request))
    let failure = await desk.failure { () throws(CallFailure) in
      try await runs.withRun(request, world: stage.world) { (_) throws(CallFailure) in
        _ = Issue.record("it began")
      }
    }
    #expect(failure?.code == "approval.missing")
    let run = try #require(try await desk.journal.runs().first)
    #expect(run.kind == .call && run.state == .waiting && run.exitCode == Int(ExitCode.lockRefused.rawValue))
    let (plan, requester) = try await desk.engine.runs.registry.open().plan(of: run.id)
    #expect(plan.runbook.name == "mark" && plan.hosts == ["web1"] && requester == run.identity.operatorName)
    #expect(plan.hash == run.planHash)
  }

  @Test func `an approved call is carried out`() async throws {
    let desk = try await stage.desk()
    let answer = try await calls(desk, Everybody()).withRun(request, world: stage.world) { (_) throws(CallFailure) in 7
    }
    #expect(answer == 7)
    #expect(try await desk.journal.runs().map(\.state) == [.ok])
  }

  @Test func `an approval is not used up while somebody else holds the host`() async throws {
    let desk = try await stage.desk()
    let (approvals, other) = (CountedApprovals(), try await stage.desk(.ben))
    let runs = calls(desk, approvals)
    var request = request
    request.scopes = [LockScope(path: ["host", "web1"])]
    let wanted = request
    let hold = try await other.engine.runs.registry.open().lock(wanted.scopes, run: "r1", name: "mark", hosts: ["web1"])
    let failure = await desk.failure { () throws(CallFailure) in
      try await runs.withRun(wanted, world: stage.world) { (_) throws(CallFailure) in _ = Issue.record("it began") }
    }
    #expect(failure?.code == "lock.refused" && approvals.used == [])
    await hold.release()
    try await runs.withRun(wanted, world: stage.world) { (_) throws(CallFailure) in }
    #expect(approvals.used.count == 1)
  }

  @Test func `an approval is not used up by a call that is not what was shown any more`() async throws {
    let desk = try await stage.desk()
    let approvals = CountedApprovals()
    var request = request
    request.stillHolds = { () throws(CallFailure) in
      throw CallFailure(.refused, code: "plan.changed", message: "web1 is another")
    }
    let changed = request
    let failure = await desk.failure { () throws(CallFailure) in
      try await calls(desk, approvals).withRun(changed, world: stage.world) { (_) throws(CallFailure) in
        _ = Issue.record("it began")
      }
    }
    #expect(failure?.code == "plan.changed" && approvals.used == [])
    #expect(try await desk.journal.runs().isEmpty)
  }

  @Test func `a call that waited for its approval waits no longer once it is carried out`() async throws {
    let desk = try await stage.desk()
    let refused = calls(desk, Nobody())
    _ = await desk.failure { () throws(CallFailure) in
      try await refused.withRun(request, world: stage.world) { (_) throws(CallFailure) in }
    }
    try await calls(desk, Everybody()).withRun(request, world: stage.world) { (_) throws(CallFailure) in }
    let runs = try await desk.journal.runs()
    #expect(runs.map(\.state) == [.ok, .cancelled])
    #expect(runs[1].stateReason == "its plan was applied by run \(runs[0].id)")
  }
}

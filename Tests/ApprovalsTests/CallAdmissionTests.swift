import PrimitiveKit
import Testing

@testable import Approvals
@testable import Runs

/// Single calls on a site that asks for a second operator.
struct CallAdmissionTests {
  private struct Nobody: PlanAdmission {
    func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure) {
      throw CallFailure(.refused, .awaitsApproval, code: "approval.missing", message: "nobody approved this")
    }
  }

  private func admission(_ policy: ApprovalPolicy) -> CallAdmission {
    CallAdmission(policy: policy, site: "lab", opsh: "0.1.0", admission: Nobody())
  }

  private func request(_ speeds: Set<String> = [], effects: Set<Effect> = [.changes]) -> RunRequest {
    var request = RunRequest(name: "fleet.deploy", arguments: .table([:]), scopes: [], hosts: ["web1"])
    request.speeds = speeds
    request.effects = effects
    return request
  }

  @Test func `the speed of a rollout counts, whatever the argument is called`() {
    let calls = admission(ApprovalPolicy(signers: "x", speeds: ["immediate"]))
    #expect(calls.reason(for: request(["immediate"])) == "the speed 'immediate'")
    #expect(calls.reason(for: request(["routine"])) == nil)
    #expect(calls.reason(for: request()) == nil)
    var named = request()
    named.arguments = .table(["pace": .string("immediate")])
    #expect(calls.reason(for: named) == nil)
  }

  @Test(arguments: [Effect.trades, .administers])
  func `a single call that trades or administers is held like a runbook that does`(effect: Effect) {
    let calls = admission(ApprovalPolicy(signers: "x", effects: [effect]))
    #expect(calls.reason(for: request(effects: [effect])) == "the effect '\(effect.rawValue)'")
    #expect(calls.reason(for: request()) == nil)
  }

  @Test func `stopping is never held back`() {
    let calls = admission(ApprovalPolicy(signers: "x", effects: [.changes], all: true))
    var stop = request()
    #expect(calls.reason(for: stop) != nil)
    stop.lane = .stop
    #expect(calls.reason(for: stop) == nil)
  }

  @Test func `what a run does beyond its plan is refused where a second operator is wanted`() throws {
    let calls = admission(ApprovalPolicy(signers: "x", speeds: ["immediate"]))
    let failure = #expect(throws: CallFailure.self) { try calls.refuse(request(["immediate"])) }
    #expect(failure?.failureClass == .refused && failure?.code == "approval.missing")
    try calls.refuse(request(["routine"]))
  }
}

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

  @Test(
    arguments: [
      ("environment/live", ["environment/live", "host/web1"], "a change of environment/live"),
      ("environment/live", ["environment/staging", "host/web9"], nil),
      ("environment/live", ["fleet"], "a change of environment/live"),
      ("environment/live", ["environment/live/system/rocky"], "a change of environment/live"),
      ("environment/live/system/rocky", ["environment/live"], "a change of environment/live/system/rocky"),
      ("host/web1", ["host/web1"], "a change of host/web1"), ("host/web1", ["host/web2"], nil),
      ("fleet", ["fleet"], "a change of fleet"), ("fleet", ["environment/live", "host/web1"], nil),
    ] as [(String, [String], String?)]
  )
  func `what is changed in a scope of the policy is held`(policy: String, changed: [String], reason: String?) throws {
    let calls = admission(ApprovalPolicy(signers: "x", scopes: [try #require(LockScope(policy))]))
    var change = request()
    change.scopes = try changed.map { try #require(LockScope($0)) }
    #expect(calls.reason(for: change) == reason)
  }

  @Test func `an environment is changed by a change of one of its hosts, and not by one of a neighbour`() throws {
    let calls = admission(ApprovalPolicy(signers: "x", scopes: [LockScope(path: ["environment", "live"])]))
    var change = request()
    change.scopes = [
      LockScope(path: ["environment", "live"], mode: .intentExclusive), LockScope(path: ["host", "web1"]),
    ]
    #expect(calls.reason(for: change) == "a change of environment/live")
    let whole = admission(
      ApprovalPolicy(signers: "x", scopes: [LockScope(path: ["environment", "live", "system", "s"])])
    )
    // One host of the environment need not be one of the system.
    #expect(whole.reason(for: change) == nil)
  }

  @Test func `what a run locks beyond its plan is refused where its scope needs an approval`() {
    let policy = ApprovalPolicy(signers: "x", scopes: [LockScope(path: ["environment", "live"])])
    #expect(policy.refusal(beyond: [LockScope(path: ["host", "web9"])]) == nil)
    let reached = [
      LockScope(path: ["environment", "live"], mode: .intentExclusive), LockScope(path: ["host", "web1"]),
    ]
    #expect(policy.refusal(beyond: reached)?.code == "approval.missing")
  }

  @Test func `what a run does beyond its plan is refused where a second operator is wanted`() throws {
    let calls = admission(ApprovalPolicy(signers: "x", speeds: ["immediate"]))
    let failure = #expect(throws: CallFailure.self) { try calls.refuse(request(["immediate"])) }
    #expect(failure?.failureClass == .refused && failure?.code == "approval.missing")
    try calls.refuse(request(["routine"]))
  }
}

import PrimitiveKit
import Runbooks
import Testing

/// Single calls on a site that asks for a second operator.
struct CallAdmissionTests {
  private func refusal(_ policy: ApprovalPolicy, speed: String? = nil, lane: Lane = .ordinary) -> CallFailure? {
    var request = RunRequest(
      name: "fleet.deploy",
      arguments: .table(["speed": speed.map(Value.string) ?? .null]),
      scopes: [],
      hosts: ["web1"]
    )
    request.lane = lane
    do throws(CallFailure) {
      try CallAdmission(policy: policy, site: "lab").check(request)
      return nil
    } catch {
      return error
    }
  }

  @Test func `what needs an approval is refused, since a single call has no plan`() {
    let policy = ApprovalPolicy(signers: "x", speeds: ["immediate"])
    let failure = refusal(policy, speed: "immediate")
    #expect(failure?.code == "approval.missing")
    #expect(failure?.message.hasPrefix("the speed 'immediate' needs an approval") == true)
    #expect(failure?.hint?.contains("runbooks/deploy.lua") == true)
    #expect(refusal(policy, speed: "routine") == nil)
    #expect(refusal(policy) == nil)
  }

  @Test func `stopping is never held back`() {
    let policy = ApprovalPolicy(signers: "x", effects: [.changes], all: true)
    #expect(refusal(policy)?.code == "approval.missing")
    #expect(refusal(policy, lane: .stop) == nil)
  }
}

import Approvals
import PrimitiveKit
import Testing

struct ApprovalPolicyTests {
  func request(_ name: String, _ effects: Set<Effect>, speed: String? = nil) -> ApprovalRequest {
    ApprovalRequest(
      site: "lab",
      name: name,
      runbookHash: "",
      planHash: "",
      hosts: ["b", "a", "b"],
      requester: "bob",
      effects: effects,
      speeds: Set([speed].compactMap(\.self))
    )
  }

  let policy = ApprovalPolicy(
    signers: "x",
    effects: [.trades, .administers],
    speeds: ["immediate"],
    runbooks: ["failover"]
  )

  @Test(
    arguments: [
      ("deploy", [.reads, .changes], "immediate", "the speed 'immediate'"),
      ("mint", [.reads, .administers, .trades], nil, "the effect 'administers'"),
      ("flatten", [.trades], "fast", "the effect 'trades'"),
      ("failover", [.reads], nil, "'failover'"),
      ("deploy", [.reads, .changes], "routine", nil),
      ("look", [.reads], nil, nil),
    ] as [(String, Set<Effect>, String?, String?)]
  )
  func `a site says what needs an approval`(name: String, effects: Set<Effect>, speed: String?, reason: String?) {
    #expect(policy.reason(for: request(name, effects, speed: speed)) == reason)
  }

  @Test func `a site may ask for one for everything that changes something`() {
    let all = ApprovalPolicy(signers: "x", all: true)
    #expect(all.reason(for: request("deploy", [.reads, .changes])) == "every change of the site 'lab'")
    #expect(all.reason(for: request("look", [.reads])) == nil)
    #expect(all.reason(for: request("look", [])) == nil)
  }

  @Test func `a set of hosts has one hash whatever its order`() {
    let one = request("a", [])
    #expect(one.hostCount == 2)
    let other = ApprovalRequest(
      site: "lab",
      name: "a",
      runbookHash: "",
      planHash: "",
      hosts: ["a", "b"],
      requester: "bob",
      effects: [],
      speeds: []
    )
    #expect(one.hostsHash == other.hostsHash)
  }
}

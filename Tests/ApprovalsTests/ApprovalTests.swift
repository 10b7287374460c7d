import Approvals
import Foundation
import Journal
import OpshTesting
import PrimitiveKit
import Testing

@Suite(.timeLimit(.minutes(2))) struct ApprovalTests {
  let ring = try? KeyRing()
  let store = MemoryStore()
  let time = Time()

  /// A site where alice and bob sign with keys of their own, and mallory has a key that is not listed.
  func keys() async throws -> KeyRing {
    let ring = try #require(ring)
    for name in ["alice", "bob", "mallory"] { try await ring.key(name) }
    try ring.allow(
      (principals: "alice", options: "namespaces=\"opsh-approval@opsh,opsh-runbook@opsh\"", key: "alice"),
      (principals: "bob", options: "", key: "bob")
    )
    return ring
  }

  func request(
    plan: String = String(repeating: "ab", count: 32),
    hosts: [String] = ["web1", "web2"],
    by requester: String = "bob",
    name: String = "deploy",
    runbook: String = "cafe",
    site: String = "lab"
  ) -> ApprovalRequest {
    ApprovalRequest(
      site: site,
      name: name,
      runbookHash: runbook,
      planHash: plan,
      hosts: hosts,
      requester: requester,
      effects: [.reads, .changes],
      speeds: ["immediate"]
    )
  }

  func now() -> Date { time.now }

  func approve(
    _ ring: KeyRing,
    _ request: ApprovalRequest? = nil,
    as approver: String = "alice",
    key: String? = nil,
    terms: ApprovalTerms? = nil,
    answers: [String?] = ["2"],
    stored: Bool = true
  ) async throws -> SignedApproval {
    let start = now()
    let flow = ApproveFlow(
      signers: ring.signers,
      tool: ring.tool,
      dialogue: RecordingDialogue(answers: answers),
      now: { start }
    )
    return try await flow.approve(
      .init(request: request ?? self.request(), summary: "the plan"),
      as: approver,
      key: key ?? "\(ring.directory)/\(approver)",
      terms: try terms ?? ApprovalTerms(),
      store: stored ? store : nil
    )
  }

  func pass(
    _ ring: KeyRing,
    _ request: ApprovalRequest? = nil,
    by person: String = "bob",
    file: SignedApproval? = nil
  ) async throws -> SignedApproval? {
    let start = now()
    let policy = ApprovalPolicy(signers: ring.signers, speeds: ["immediate"])
    let gate = ApprovalGate(policy: policy, tool: ring.tool, store: store, now: { start })
    return try await gate.pass(request ?? self.request(), run: "r-1", by: [person], file: file)
  }

  func refusal(_ body: () async throws -> Void) async -> CallFailure? {
    await #expect(throws: CallFailure.self) { try await body() }
  }

  @Test func `a run passes with the approval of another operator, once`() async throws {
    let ring = try await keys()
    let approval = try await approve(ring)
    #expect(try await pass(ring)?.document == approval.document)
    #expect(store.all.map(\.uses) == [1])
    #expect(await refusal { _ = try await pass(ring) }?.code == "approval.used_up")
  }

  @Test func `a run without an approval is told who can give one`() async throws {
    let ring = try await keys()
    let failure = await refusal { _ = try await pass(ring) }
    #expect(failure?.code == "approval.missing")
    #expect(
      failure?.message == "the speed 'immediate' needs an approval of plan abababababab by another operator"
    )
    #expect(failure?.hint?.contains("opsh approve r-1") == true)
  }

  @Test func `a detached approval is good where it is presented, and no more often than it says`() async throws {
    let ring = try await keys()
    let approval = try await approve(ring, terms: ApprovalTerms(uses: 2), stored: false)
    #expect(store.all == [])
    let file = try SignedApproval(file: approval.file)
    #expect(file == approval)
    for _ in 0..<2 { #expect(try await pass(ring, file: file) == approval) }
    #expect(await refusal { _ = try await pass(ring, file: file) }?.code == "approval.used_up")
    #expect(store.all.map(\.uses) == [2])
  }

  @Test func `an approval holds for the plan, the hosts, the runbook and the site it was given for`() async throws {
    let ring = try await keys()
    let approval = try await approve(ring, stored: false)
    let others = [
      (request(plan: "1234"), "plan"), (request(hosts: ["web1", "web3"]), "set of hosts"),
      (request(name: "restart"), "runbook"), (request(runbook: "beef"), "text of the runbook"),
      (request(site: "prod"), "site"),
    ]
    for (other, what) in others {
      let failure = await refusal { _ = try await pass(ring, other, file: approval) }
      #expect(failure?.code == "approval.missing")
      #expect(failure?.message.contains("is for another \(what):") == true)
    }
    #expect(store.all == [])
  }

  @Test func `an approval expires`() async throws {
    let ring = try await keys()
    _ = try await approve(ring, terms: ApprovalTerms(lifetime: .seconds(600)))
    time.pass(600)
    let failure = await refusal { _ = try await pass(ring) }
    #expect(failure?.code == "approval.expired")
    #expect(failure?.message == "the approval of 'alice' expired at 2027-01-15T08:10:00Z")
    #expect(store.all.map(\.uses) == [0])
  }

  @Test func `a clock that was turned back does not prolong an approval`() async throws {
    let ring = try await keys()
    _ = try await approve(ring)
    time.pass(-3600)
    let failure = await refusal { _ = try await pass(ring) }
    #expect(failure?.code == "approval.expired")
    #expect(failure?.hint == "correct whichever of the two clocks is wrong")
  }

  @Test(arguments: ["alice", "ALICE", "alice@example.com"])
  func `nobody approves their own plan`(requester: String) async throws {
    let ring = try await keys()
    #expect(await refusal { _ = try await approve(ring, request(by: requester)) }?.code == "approval.self")
    // Nor does the approver carry out what another operator planned.
    _ = try await approve(ring)
    #expect(await refusal { _ = try await pass(ring, by: requester) }?.code == "approval.self")
    #expect(store.all.map(\.uses) == [0])
  }

  @Test func `a key that is listed for both makes them one person`() async throws {
    let ring = try await keys()
    try ring.allow(
      (principals: "alice", options: "", key: "alice"),
      (principals: "carol,bob", options: "", key: "alice")
    )
    let failure = await refusal { _ = try await approve(ring) }
    #expect(failure?.code == "approval.self")
    #expect(failure?.message.contains("SHA256:") == true)
    #expect(failure?.message.hasSuffix("lists for 'bob' too") == true)
  }

  @Test func `a key that is not the approver's makes no approval`() async throws {
    let ring = try await keys()
    for key in ["bob", "mallory"] {
      let failure = await refusal { _ = try await approve(ring, key: "\(ring.directory)/\(key)") }
      #expect(failure?.code == "approval.signature")
      #expect(failure?.message.hasPrefix("the signature of 'alice' on the approval of 'deploy' is not valid") == true)
    }
    #expect(store.all == [])
    #expect(
      await refusal { _ = try await approve(ring, as: "dave", key: "\(ring.directory)/alice") }?.code
        == "approval.signature"
    )
  }

  @Test func `a key that was taken off the list, or is listed for another time, holds no more`() async throws {
    let ring = try await keys()
    _ = try await approve(ring)
    try ring.allow((principals: "alice", options: "valid-before=\"20270115\"", key: "alice"))
    #expect(await refusal { _ = try await pass(ring) }?.code == "approval.signature")
    try ring.allow((principals: "alice", options: "valid-before=\"20270116\"", key: "alice"))
    #expect(try await pass(ring) != nil)
    try ring.allow((principals: "bob", options: "", key: "bob"))
    #expect(await refusal { _ = try await pass(ring) }?.code == "approval.signature")
  }

  @Test func `an edited document is refused`() async throws {
    let ring = try await keys()
    let approval = try await approve(ring, stored: false)
    let edits = [
      ("\\\"uses\\\":1", "\\\"uses\\\":9"), ("\\\"hosts\\\"", "\\\"hostz\\\""), ("deploy", "restart"),
      ("{\\\"approver", " {\\\"approver"), ("\\\"uses\\\":1", "\\\"uses\\\":1,\\\"uses\\\":1"),
      ("\\\"format\\\":1", "\\\"format\\\":2"), ("SSH SIGNATURE", "SSH SIGNATUR"),
    ]
    for (old, new) in edits {
      let text = approval.file.replacingOccurrences(of: old, with: new)
      #expect(text != approval.file, "\(old) is not in the file")
      let failure = await refusal { _ = try await pass(ring, file: SignedApproval(file: text)) }
      #expect(["approval.signature", "approval.missing"].contains(failure?.code), "\(new): \(failure?.message ?? "")")
    }
    #expect(store.all == [])
    #expect(await refusal { _ = try SignedApproval(file: "{}") }?.code == "approval.signature")
  }

  @Test func `a row of the journal that says more than was signed is refused`() async throws {
    let ring = try await keys()
    _ = try await approve(ring)
    let edits: [(inout ApprovalRow) -> Void] = [
      { $0.maxUses = 9 }, { $0.expiresAt += 1 }, { $0.id = "new" }, { $0.approver = "bob" }, { $0.requester = "x" },
      { $0.document += " " }, { $0.signature = "" },
    ]
    for edit in edits {
      let whole = store.all
      store.change { edit(&$0[0]) }
      #expect(await refusal { _ = try await pass(ring) }?.code == "approval.signature")
      store.change { $0 = whole }
    }
    #expect(try await pass(ring) != nil)
  }

  @Test func `one approval that does not hold does not hide one that does`() async throws {
    let ring = try await keys()
    _ = try await approve(ring)
    _ = try await approve(ring)
    store.change { $0[1].signature = "" }
    #expect(try await pass(ring) != nil)
    #expect(store.all.map(\.uses) == [1, 0])
  }

  @Test(arguments: [["3"], [""], ["yes"], [nil]])
  func `an approver types the number of hosts`(answers: [String?]) async throws {
    let ring = try await keys()
    let failure = await refusal { _ = try await approve(ring, answers: answers) }
    #expect(failure?.code == "plan.declined")
    #expect(store.all == [])
  }

  @Test func `without a person nothing is approved`() async throws {
    let ring = try await keys()
    #expect(await refusal { _ = try await approve(ring, answers: []) }?.code == "prompt.not_interactive")
  }

  @Test func `a site without allowed signers refuses what needs an approval, and says how to have one`() async throws {
    let policy = ApprovalPolicy(signers: nil, speeds: ["immediate"])
    let ring = try await keys()
    let gate = ApprovalGate(policy: policy, tool: ring.tool, store: store, now: { Date() })
    let failure = await refusal { _ = try await gate.pass(request(), run: "r", by: ["bob"]) }
    #expect(failure?.code == "approval.missing")
    #expect(failure?.hint?.contains("allowed_signers") == true)
    let none = ApprovalGate(policy: ApprovalPolicy(signers: nil), tool: ring.tool, store: store, now: { Date() })
    #expect(try await none.pass(request(), run: "r", by: ["bob"]) == nil)
  }

  @Test func `a missing list of signers is not a missing signature`() async throws {
    let ring = try await keys()
    _ = try await approve(ring)
    try FileManager.default.removeItem(atPath: ring.signers)
    let failure = await refusal { _ = try await pass(ring) }
    #expect(failure?.code == "approval.signature")
    #expect(failure?.message.hasSuffix("allowed_signers cannot be read") == true)
  }

  @Test func `terms out of range are refused`() throws {
    #expect(throws: CallFailure.self) { try ApprovalTerms(lifetime: .seconds(59)) }
    #expect(throws: CallFailure.self) { try ApprovalTerms(lifetime: .seconds(8 * 86_400)) }
    #expect(throws: CallFailure.self) { try ApprovalTerms(uses: 0) }
    #expect(throws: CallFailure.self) { try ApprovalTerms(uses: 101) }
    #expect(throws: CallFailure.self) { try ApprovalTerms(reason: "a\u{1b}[2J") }
  }
}

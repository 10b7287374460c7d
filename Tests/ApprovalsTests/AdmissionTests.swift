import Approvals
import Drivers
import Foundation
import Journal
import JournalSQLite
import OpshTesting
import PrimitiveKit
import Runs
import Testing

@Suite(.timeLimit(.minutes(2))) struct AdmissionTests {
  let source = "return { version = \"1.0.0\" }\n"
  let dialogue = RecordingDialogue(answers: ["2", "2"])

  func ring() async throws -> KeyRing {
    let ring = try KeyRing()
    try await ring.key("alice")
    try ring.allow((principals: "alice", options: "", key: "alice"))
    return ring
  }

  /// A plan that swaps two hosts at once, of a runbook that stands in the ring's directory.
  func plan(_ ring: KeyRing, speed: String = "immediate") throws -> Plan {
    let path = "\(ring.directory)/deploy.lua"
    try TextFile.write(source, to: path)
    let fields = """
      {"format": 1, "site": "lab", "opsh": "0.1.0", "arguments": {"speed": "\(speed)"}, "hosts": ["web1", "web2"],
      "steps": [], "operations": [], "inexact": [], "locks": [], "conflicts": [], "check": null, "madeAt": 0, "runbook":
      {"name": "deploy", "version": "1.0.0", "sha256": "\(SHA256(hashing: source.utf8).hex)", "path": "\(path)"}}
      """
    return try JSONDecoder().decode(Plan.self, from: Data(fields.utf8))
  }

  func journal(_ ring: KeyRing) async throws -> Journal {
    let database = try await SQLiteDatabase.open("\(ring.directory)/journal")
    return try await Journal.open(database, identity: .current(version: "0.1.0"))
  }

  func admission(
    _ ring: KeyRing,
    _ store: any ApprovalStore,
    signed: Bool = false,
    file: SignedApproval? = nil,
    person: String = "bob"
  ) -> SiteAdmission {
    let signature = RunbookSignature(tool: ring.tool, signers: ring.signers, now: { Date() })
    return SiteAdmission(
      gate: ApprovalGate(
        policy: ApprovalPolicy(signers: ring.signers, speeds: ["immediate"]),
        tool: ring.tool,
        store: LateApprovals { () async throws(CallFailure) in store },
        now: { Date() }
      ),
      file: file,
      person: person,
      user: "bob",
      signing: signed
        ? SiteAdmission.Signing(signature) { path throws(CallFailure) in try TextFile.readIfThere(path) } : nil,
      dialogue: dialogue
    )
  }

  func approve(_ ring: KeyRing, _ plan: Plan, uses: Int, store: (any ApprovalStore)?) async throws -> SignedApproval {
    let flow = ApproveFlow(signers: ring.signers, tool: ring.tool, dialogue: dialogue, now: { Date() })
    return try await flow.approve(
      ApproveFlow.Subject(plan, effects: [.changes], requester: "bob", columns: 80, now: 0),
      as: "alice",
      key: "\(ring.directory)/alice",
      terms: ApprovalTerms(uses: uses, reason: "ticket 7"),
      store: store
    )
  }

  @Test func `a plan is admitted as often as was approved, however many ask at once`() async throws {
    let ring = try await ring()
    let plan = try plan(ring)
    let journal = try await journal(ring)
    let early = await #expect(throws: CallFailure.self) {
      try await admission(ring, journal).admit(plan, run: "r-0", effects: [.changes])
    }
    #expect(early?.code == "approval.missing")
    _ = try await approve(ring, plan, uses: 3, store: journal)
    #expect(dialogue.text.contains("lab") && dialogue.asked == ["type the number of hosts to approve: "])

    let codes = await Array(0..<8).concurrentMap(limit: 8) { number -> String in
      do throws(CallFailure) {
        try await admission(ring, journal).admit(plan, run: "r-\(number)", effects: [.changes])
        return "admitted"
      } catch {
        return error.code
      }
    }
    #expect(codes.count { $0 == "admitted" } == 3)
    #expect(codes.count { $0 == "approval.used_up" } == 5)
    #expect(try await journal.approvals(planHash: plan.hash).map(\.uses) == [3])
    #expect(dialogue.said.count { $0 == "approved by 'alice': ticket 7" } == 3)
  }

  @Test func `an operator who claims another name is still not their own approver`() async throws {
    let ring = try await ring()
    try await ring.key("bob")
    try ring.allow((principals: "bob", options: "", key: "bob"))
    let plan = try plan(ring)
    let flow = ApproveFlow(signers: ring.signers, tool: ring.tool, dialogue: dialogue, now: { Date() })
    let store = MemoryStore()
    _ = try await flow.approve(
      ApproveFlow.Subject(plan, effects: [.changes], requester: "carol", columns: 80, now: 0),
      as: "bob",
      key: "\(ring.directory)/bob",
      terms: ApprovalTerms(),
      store: store
    )
    let failure = await #expect(throws: CallFailure.self) {
      try await admission(ring, store, person: "carol").admit(plan, run: "r", effects: [.changes])
    }
    #expect(failure?.code == "approval.self")
  }

  @Test func `an approver sees every operation, as far as a person reads`() throws {
    let ring = try KeyRing()
    var fields = try JSONEncoder().encode(try plan(ring))
    let operation = """
      {"key": "k", "step": "", "kind": "host.exec", "host": "web1", "target": "rm on web1", "effect": "changes",
      "summary": "run rm -r x",
      "isReversible": false}
      """
    let text = String(decoding: fields, as: UTF8.self)
    let list = Array(repeating: operation, count: 250).joined(separator: ",")
    fields = Data(text.replacingOccurrences(of: "\"operations\":[]", with: "\"operations\":[\(list)]").utf8)
    let subject = ApproveFlow.Subject(
      try JSONDecoder().decode(Plan.self, from: fields),
      effects: [],
      requester: "",
      columns: 80,
      now: 0
    )
    #expect(subject.summary.components(separatedBy: "  web1: run rm -r x").count == 201)
    #expect(subject.summary.hasSuffix("and 50 more, which --plan-out FILE lists"))
  }

  @Test func `copies of one detached approval presented at once are one approval`() async throws {
    let ring = try await ring()
    let plan = try plan(ring)
    let journal = try await journal(ring)
    let file = try await approve(ring, plan, uses: 1, store: nil)
    let admitted = await Array(0..<6).concurrentMap(limit: 6) { number -> Bool in
      let admission = admission(ring, journal, file: file)
      return (try? await admission.admit(plan, run: "r-\(number)", effects: [.changes])) != nil
    }
    #expect(admitted.count { $0 } == 1)
    #expect(try await journal.approvals(planHash: plan.hash).map(\.uses) == [1])
  }

  @Test func `a plan that needs no approval opens no journal`() async throws {
    let ring = try await ring()
    let store = MemoryStore()
    try await admission(ring, store).admit(try plan(ring, speed: "routine"), run: "r", effects: [.changes])
    #expect(dialogue.said == [])
  }

  @Test func `where runbooks must be signed, only the signed bytes run`() async throws {
    let ring = try await ring()
    let plan = try plan(ring, speed: "routine")
    let path = plan.runbook.path
    func refusal() async -> CallFailure? {
      await #expect(throws: CallFailure.self) {
        try await admission(ring, MemoryStore(), signed: true).admit(plan, run: "r", effects: [.changes])
      }
    }
    #expect(await refusal()?.message.contains("is not signed") == true)
    let signature = RunbookSignature(tool: ring.tool, signers: ring.signers, now: { Date() })
    let text = try await signature.sign(Array(source.utf8), file: path, key: "\(ring.directory)/alice")
    try TextFile.write(text, to: RunbookSignature.path(of: path))
    try await admission(ring, MemoryStore(), signed: true).admit(plan, run: "r", effects: [.changes])
    #expect(dialogue.said == ["\(path) is signed by 'alice'"])
    try TextFile.write(source + "-- edited\n", to: path)
    #expect(await refusal()?.message == "\(path) was changed after it was loaded")
  }
}

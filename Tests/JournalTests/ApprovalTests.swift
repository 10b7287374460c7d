import PrimitiveKit
import Testing

@testable import Journal

struct ApprovalTests {
  let scratch = JournalScratch()

  private func approval(_ id: String, maxUses: Int = 1, createdAt: Int64 = 1) -> ApprovalRow {
    ApprovalRow(
      id: id,
      planHash: "plan-1",
      hostsHash: "hosts-1",
      name: "deploy",
      requester: "anna",
      approver: "ben",
      reason: "release 7",
      document: "plan-1\nhosts-1\n",
      signature: "-----BEGIN SSH SIGNATURE-----",
      maxUses: maxUses,
      createdAt: createdAt,
      expiresAt: 1_001_000
    )
  }

  @Test func `approvals of a plan come newest first as they were given`() async throws {
    let journal = try await scratch.journal()
    try await journal.add(approval("old"))
    try await journal.add(approval("new", createdAt: 2))
    #expect(try await journal.approvals(planHash: "plan-1") == [approval("new", createdAt: 2), approval("old")])
    #expect(try await journal.approvals(planHash: "plan-2").isEmpty)
  }

  @Test func `of many that use an approval at once no more succeed than it has uses`() async throws {
    let journals = [try await scratch.journal(), try await scratch.journal(.ben)]
    try await journals[0].add(approval("a", maxUses: 3))
    let codes = await withTaskGroup(of: String?.self) { group in
      for index in 0..<20 {
        group.addTask {
          await code { () async throws(CallFailure) in
            try await journals[index % 2].use(approval: "a", run: "r\(index)")
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(codes.filter { $0 == nil }.count == 3)
    #expect(codes.filter { $0 == "approval.used_up" }.count == 17)
    #expect(try await journals[1].approvals(planHash: "plan-1")[0].uses == 3)
    #expect(try await journals[0].verify().count == 4)
  }

  @Test func `an approval that is used up names the runs that used it`() async throws {
    let journal = try await scratch.journal()
    try await journal.add(approval("a"))
    try await journal.add(approval("b"))
    try await journal.use(approval: "a", run: "r1")
    try await journal.use(approval: "b", run: "r2")
    let failure = await #expect(throws: CallFailure.self) { try await journal.use(approval: "a", run: "r3") }
    #expect(failure?.message.hasSuffix("was for 1 run and is used up, by r1") == true, "\(failure as Any)")
  }

  @Test func `an approval that expired or never was is refused`() async throws {
    let journal = try await scratch.journal()
    try await journal.add(approval("a"))
    scratch.advance(by: 1000)
    let expired = await code { () async throws(CallFailure) in try await journal.use(approval: "a", run: "r1") }
    #expect(expired == "approval.expired")
    let missing = await code { () async throws(CallFailure) in try await journal.use(approval: "b", run: "r1") }
    #expect(missing == "approval.missing")
  }
}

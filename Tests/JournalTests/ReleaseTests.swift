import PrimitiveKit
import Testing

@testable import Journal

struct ReleaseTests {
  let scratch = JournalScratch()

  @Test func `a bad release stays bad until somebody clears it`() async throws {
    let journal = try await scratch.journal()
    try await journal.markBad(digest: "sha256:1", image: "bot:7", run: "r1", reason: "rolled back")
    scratch.advance(by: 1)
    try await journal.markBad(digest: "sha256:2", image: "bot:8", run: "r2", reason: "crashed")
    try await journal.markBad(digest: "sha256:1", image: "bot:7", run: "r3", reason: "again")
    let bad = try await scratch.journal(.ben).badReleases()
    #expect(bad.map(\.digest) == ["sha256:1", "sha256:2"])
    #expect(bad.map(\.run) == ["r3", "r2"])
    #expect(bad[0].markedBy == "anna")
    try await journal.clearBad(digest: "sha256:1", reason: "fixed")
    #expect(try await journal.badReleases().map(\.digest) == ["sha256:2"])
    let again = await code { () async throws(CallFailure) in
      try await journal.clearBad(digest: "sha256:1", reason: "fixed")
    }
    #expect(again == "release.not_bad")
  }

  @Test func `a bad release is not cleared without a reason`() async throws {
    let journal = try await scratch.journal()
    try await journal.markBad(digest: "sha256:1", image: "bot:7", run: "r1", reason: "rolled back")
    await expectFailure("call.argument", saying: "why it may be deployed again") { () async throws(CallFailure) in
      try await journal.clearBad(digest: "sha256:1", reason: " ")
    }
    #expect(try await journal.badReleases().count == 1)
  }

  @Test func `fidelity is summed up by kind, and a run counts once`() async throws {
    let journal = try await scratch.journal()
    try await journal.addFidelity(run: "r1", kind: "bots.swap", predicted: 1, matched: 0)
    try await journal.addFidelity(run: "r1", kind: "bots.swap", predicted: 10, matched: 9)
    scratch.advance(by: 5)
    try await journal.addFidelity(run: "r2", kind: "bots.swap", predicted: 10, matched: 10)
    try await journal.addFidelity(run: "r2", kind: "fleet.exec", predicted: 0, matched: 0)
    let rows = try await journal.fidelity()
    #expect(rows.map(\.kind) == ["bots.swap", "fleet.exec"])
    #expect(rows[0] == FidelityRow(kind: "bots.swap", runs: 2, predicted: 20, matched: 19, lastAt: 1_000_005))
    #expect(rows[0].ratio == 0.95)
    #expect(rows[1].ratio == nil)
  }
}

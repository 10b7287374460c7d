import PrimitiveKit
import Synchronization
import Testing

@testable import Journal

/// Heads of the audit chain that are kept where who owns the journal cannot rewrite them.
struct HeadTests {
  let scratch = JournalScratch()

  /// Keeps lines, or fails while it is told to.
  private final class Shelf: HeadSink {
    private let state = Mutex((lines: [String](), isBroken: false))
    var name: String { "shelf" }
    var lines: [String] { state.withLock { $0.lines } }
    func breakDown(_ isBroken: Bool) { state.withLock { $0.isBroken = isBroken } }
    func send(_ line: String) async throws(CallFailure) {
      let isBroken = state.withLock { state in
        if !state.isBroken { state.lines.append(line) }
        return state.isBroken
      }
      if isBroken { throw .auditSink(name, "nobody is there") }
    }
  }

  private final class Said: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  @Test func `the head goes to the sink once for every run`() async throws {
    let (shelf, said) = (Shelf(), Said())
    let keeper = HeadKeeper(shelf) { said.add($0) }
    let journal = try await scratch.journal()
    await keeper.tell(journal)
    #expect(shelf.lines.isEmpty)
    for run in ["r1", "r2"] {
      try await journal.beginDeploy(run)
      await keeper.tell(journal)
      await keeper.tell(journal)
    }
    #expect(shelf.lines.count == 2 && said.all.isEmpty)
    #expect(shelf.lines[1].hasPrefix(#"{"at":"#) && shelf.lines[1].contains(#""run":"r2","seq":2}"#))
  }

  @Test func `a sink that fails is said once, and the next head covers what it missed`() async throws {
    let (shelf, said) = (Shelf(), Said())
    let keeper = HeadKeeper(shelf) { said.add($0) }
    let journal = try await scratch.journal()
    shelf.breakDown(true)
    for run in ["r1", "r2", "r3"] {
      try await journal.beginDeploy(run)
      await keeper.tell(journal)
    }
    #expect(said.all == ["audit: the head was not stored: shelf: nobody is there; the next one covers it"])
    shelf.breakDown(false)
    await keeper.tell(journal)
    #expect(shelf.lines.count == 1 && shelf.lines[0].contains(#""seq":3}"#))
    #expect(said.all.last == "audit: shelf accepts heads again; record 3 covers the ones it missed")
    shelf.breakDown(true)
    try await journal.beginDeploy("r4")
    await keeper.tell(journal)
    #expect(said.all.count == 3)
  }

  /// A journal of five runs and the heads after each, as a log keeps them.
  private func kept() async throws -> (Journal, String) {
    let shelf = Shelf()
    let keeper = HeadKeeper(shelf) { _ in }
    let journal = try await scratch.journal()
    for run in ["r1", "r2", "r3", "r4", "r5"] {
      try await journal.beginDeploy(run)
      try await journal.perform("w", in: run)
      await keeper.tell(journal)
    }
    return (journal, shelf.lines.map { "Nov 29 00:40:01 desk opsh[7]: audit head \($0)" }.joined(separator: "\n"))
  }

  @Test func `heads kept elsewhere are those of the chain`() async throws {
    let (journal, heads) = try await kept()
    let other = #"{"at":1,"hash":"x","journal":"another","run":null,"seq":3}"#
    let text = "the log begins\n\(other)\n\(heads)\n{ broken }\n"
    #expect(
      try await journal.compare(heads: text, name: "heads") == HeadComparison(matched: 5, others: 1, mismatch: nil)
    )
  }

  @Test func `a chain that was rewritten whole is found out, and the first head that it lacks is named`() async throws {
    let (journal, heads) = try await kept()
    // Whoever owns the database makes every hash anew, the head and the anchors with it: by itself all is well.
    try await scratch.forge { records in
      records.map { $0.run == "r3" ? $0.with(body: $0.body.replacing("deploy", with: "harmless")) : $0 }
    }
    let found = try await journal.compare(heads: heads, name: "heads")
    #expect(found.matched == 2)
    #expect(found.mismatch == "audit record 9 (run r3) differs: see line 3 of heads")
  }

  @Test func `a chain that was cut off is found out`() async throws {
    let (journal, heads) = try await kept()
    try await scratch.tamper("DELETE FROM audit WHERE seq > 10")
    let found = try await journal.compare(heads: heads, name: "heads")
    #expect(found.matched == 3)
    #expect(found.mismatch == "audit record 12 (run r4) is gone: see line 4 of heads")
  }

  @Test func `a journal that was replaced by another one is found out`() async throws {
    let (_, heads) = try await kept()
    try scratch.clear()
    let other = try await scratch.journal()
    let failure = await #expect(throws: CallFailure.self) { try await other.compare(heads: heads, name: "heads") }
    #expect(failure?.code == "audit.no_heads" && failure?.hint == "check whether the journal was replaced by another")
  }
}

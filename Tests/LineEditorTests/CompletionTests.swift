import PseudoTerminal
import Testing

@testable import LineEditor

struct CompletionTests {
  @Test func `one candidate is completed`() async throws {
    let terminal = try await Typist().start()
    try terminal.send("x = le\t()\r")
    await #expect(throws: Never.self) { try await terminal.expect("<x = ledger.break()>") }
  }

  @Test func `several candidates are listed and their common part is typed`() async throws {
    let terminal = try await Typist().start()
    try terminal.send("f\t")
    try await terminal.expectScreen("Stops trading")
    try await terminal.expectScreen("op> fleet.")
    try terminal.send("d\t\r")
    await #expect(throws: Never.self) { try await terminal.expect("<fleet.deploy>") }
  }

  @Test func `nothing to complete changes nothing`() async throws {
    let terminal = try await Typist().start()
    try terminal.send("zz\t\r")
    await #expect(throws: Never.self) { try await terminal.expect("<zz>") }
  }

  @Test func `the list fits the width of the terminal`() {
    let names = (1...7).map { Candidate("host\($0)") }
    #expect(
      CandidateList(candidates: names).lines(columns: 21) == ["host1  host4  host7", "host2  host5", "host3  host6"]
    )
    #expect(CandidateList(candidates: names).lines(columns: 4).count == 7)
  }

  @Test func `summaries stand beside the names and are cut at the edge`() {
    let candidates = [Candidate("halt", summary: "Stops trading"), Candidate("go")]
    #expect(CandidateList(candidates: candidates).lines(columns: 80) == ["halt  Stops trading", "go"])
    #expect(CandidateList(candidates: candidates).lines(columns: 12) == ["halt  Stop…", "go"])
  }

  @Test func `a list taller than a screen is counted, not shown`() {
    let many = (1...300).map { Candidate("bot\($0)") }
    #expect(CandidateList(candidates: many).lines(columns: 8).last == "… and 100 more")
  }

  @Test func `control characters in a candidate are not shown`() {
    #expect(CandidateList(candidates: [Candidate("a\u{1B}[2Jb")]).lines(columns: 80) == ["a[2Jb"])
  }

  @Test func `a candidate replaces the word and keeps the rest`() {
    let options = LineEditorOptions(complete: { _, cursor in
      Completion(replacementStart: cursor - 2, candidates: [Candidate("bot7")])
    })
    let entry = Entry("é bo!", cursor: 4)
    #expect(KeyBehaviour(options: options).effect(of: .tab, on: entry) == .edit(Entry("é bot7!", cursor: 6)))
  }

  @Test func `candidates that differ in case never eat what was typed`() {
    let options = LineEditorOptions(complete: { _, _ in
      Completion(replacementStart: 0, candidates: [Candidate("Alpha"), Candidate("alto")])
    })
    let entry = Entry("al")
    let effect = KeyBehaviour(options: options).effect(of: .tab, on: entry)
    #expect(effect == .list([Candidate("Alpha"), Candidate("alto")], then: entry))
  }
}

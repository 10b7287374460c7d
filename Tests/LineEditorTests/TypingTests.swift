import Foundation
import PseudoTerminal
import Testing

struct TypingTests {
  let typist: Typist

  init() throws { typist = try Typist() }

  @Test func `characters beyond ASCII are typed, erased and read`() async throws {
    let terminal = try await typist.start()
    try terminal.send("café中\u{7F}ü\u{1B}[D!\r")
    await #expect(throws: Never.self) { try await terminal.expect("<café!ü>") }
  }

  @Test(arguments: ["", "C", "nonsense"])
  func `a locale that is not UTF-8 does not lose keys`(locale: String) async throws {
    let terminal = try await typist.start(changes: ["LANG": locale])
    try terminal.send("café\r")
    await #expect(throws: Never.self) { try await terminal.expect("<café>") }
  }

  @Test func `Ctrl-C throws the entry away and the next one is read`() async throws {
    let terminal = try await typist.start()
    try terminal.send("fleet.halt\u{3}")
    try await terminal.expect("{interrupted}")
    try await terminal.expect("op> ")
    try terminal.send("next\r")
    await #expect(throws: Never.self) { try await terminal.expect("<next>") }
  }

  @Test func `Ctrl-D ends on an empty entry only`() async throws {
    let terminal = try await typist.start()
    try terminal.send("ab\u{1}\u{4}\r")
    try await terminal.expect("<b>")
    try terminal.send("\u{4}")
    try await terminal.expect("{end}")
    #expect(try await terminal.exit() == .code(0))
  }

  @Test func `an open block goes on in the same entry, indented`() async throws {
    let terminal = try await typist.start()
    try terminal.send("for x do\r")
    try terminal.send("go()\rend\r")
    await #expect(throws: Never.self) { try await terminal.expect(#"<for x do\n  go()\nend>"#) }
  }

  @Test func `Up and Down move inside an entry and leave it at its edges`() async throws {
    let terminal = try await typist.start()
    try terminal.send("first\r")
    try await terminal.expect("<first>")
    try terminal.send("a do\rbb\rend\u{1B}[A\u{1B}[AX\u{1B}[B\u{1B}[B\r")
    try await terminal.expect(#"<a doX\n  bb\nend>"#)
    try terminal.send("\u{1B}[A\u{1B}[A\u{1B}[A\u{1B}[A\r")
    await #expect(throws: Never.self) { try await terminal.expect("<first>") }
  }

  @Test(arguments: ["\u{1B}[B", "\u{E}"])
  func `Down at the newest keeps what was typed`(down: String) async throws {
    let terminal = try await typist.start()
    try terminal.send("old\r")
    try await terminal.expect("<old>")
    try terminal.send("abc\(down)d\r")
    try await terminal.expect("<abcd>")
    try terminal.send("one do\rtwo\(down)!\rend\r")
    await #expect(throws: Never.self) { try await terminal.expect(#"<one do\n  two!\nend>"#) }
  }

  @Test func `a draft comes back from a walk through the history, and never after Ctrl-C`() async throws {
    let terminal = try await typist.start()
    try terminal.send("old\r")
    try await terminal.expect("<old>")
    try terminal.send("draft\u{1B}[A\u{1B}[B!\r")
    try await terminal.expect("<draft!>")
    try terminal.send("cancelled\u{1B}[A\u{1B}[B\u{3}")
    try await terminal.expect("{interrupted}")
    try terminal.send("\u{1B}[Bnew\r")
    await #expect(throws: Never.self) { try await terminal.expect("<new>") }
  }

  @Test(arguments: [
    "\u{1B}[5~", "\u{1B}[6~", "\u{1B}[2~", "\u{1B}[15~", "\u{1B}[24;5~", "\u{1B}OP", "\u{1B}[1;2A", "\u{1B}[Z",
    "\u{1B}[I",
  ])
  func `a key without a meaning types nothing`(key: String) async throws {
    let terminal = try await typist.start()
    try terminal.send("a\(key)b\r")
    await #expect(throws: Never.self) { try await terminal.expect("<ab>") }
  }

  @Test func `Meta-Enter makes a line in a complete entry`() async throws {
    let terminal = try await typist.start()
    try terminal.send("one\u{1B}\rtwo\r")
    await #expect(throws: Never.self) { try await terminal.expect(#"<one\ntwo>"#) }
  }

  @Test func `line keys act on the line of the cursor`() async throws {
    let terminal = try await typist.start()
    try terminal.send("one\u{1B}\rtwo\u{1}X\u{5}Y\u{15}three\r")
    try await terminal.expect(#"<one\nthree>"#)
    try terminal.send("keep\u{1B}\rcut\u{1B}[A\u{1}\u{B}new\u{19}\r")
    await #expect(throws: Never.self) { try await terminal.expect(#"<newkeep\ncut>"#) }
  }

  @Test func `a paste of three lines runs nothing until Enter`() async throws {
    let terminal = try await typist.start()
    try await terminal.expectScreen("paste is bracketed") { $0.isPasteBracketed }
    try terminal.send("\u{1B}[200~a()\r\tb()\u{1B}[Z\u{7}\rc()\r\u{1B}[201~")
    try await terminal.expectScreen("c()")
    #expect(!terminal.screenText.contains("<"))
    try terminal.send("\r")
    try await terminal.expect("<a()\\n\tb()[Z\\nc()>")
  }

  @Test func `an entry taller than the screen is read whole`() async throws {
    let terminal = try await typist.start()
    let lines = (1...100).map { "line \($0)" }
    try terminal.send("\u{1B}[200~" + lines.joined(separator: "\r") + "\r-- alert\u{1B}[201~\t")
    try await terminal.expect("*** ALERT bot7 halted")
    try await terminal.expectScreen("-- alert")
    try terminal.send("\u{1B}[A\u{1}X\r")
    await #expect(throws: Never.self) {
      try await terminal.expect("<" + lines.dropLast().joined(separator: "\\n") + #"\nXline 100\n-- alert>"#)
    }
  }

  @Test func `questions take one line and leave no history`() async throws {
    let terminal = try await typist.start(["ask"])
    try terminal.send("178 \u{1B}[200~do\rit\u{1B}[201~\r")
    try await terminal.expect("answer line(\"178 do it\")")
    try await terminal.expect("op> ")
    try terminal.send("\u{1B}[Aquit\r")
    await #expect(throws: Never.self) { try await terminal.expect("bye") }
  }

  @Test(arguments: ["ask", "secret"])
  func `a question can be refused with Ctrl-C and Ctrl-D`(kind: String) async throws {
    let terminal = try await typist.start([kind, kind])
    try terminal.send("17\u{3}")
    try await terminal.expect("answer interrupted")
    try await terminal.expect("How many? ")
    try terminal.send("\u{4}")
    await #expect(throws: Never.self) { try await terminal.expect("answer endOfInput") }
  }

  @Test(arguments: ["ask", "secret"])
  func `what was typed before a question is no answer`(kind: String) async throws {
    let terminal = try await typist.start([kind, "wait", kind])
    try terminal.send("1\r")
    try await terminal.expect("{running}")
    try terminal.send("yes\r")
    try await terminal.expectScreen("yes")
    try terminal.send("\u{3}")
    try await terminal.expect("{press 1}")
    try terminal.send("\u{3}")
    try await terminal.expect("How many? ")
    try terminal.send("2\r")
    await #expect(throws: Never.self) { try await terminal.expect("answer line(\"2\")") }
  }

  @Test(arguments: ["ask", "secret"])
  func `who typed before a question is told that it was no answer`(kind: String) async throws {
    let terminal = try await typist.start([kind, "idle", kind])
    try terminal.send("1\r")
    try await terminal.expect("{idle}")
    try terminal.send("yes\r")
    try await terminal.expect("input typed before this question was ignored")
    try await terminal.expect("How many? ")
    try terminal.send("2\r")
    await #expect(throws: Never.self) { try await terminal.expect("answer line(\"2\")") }
  }

  @Test func `a secret is never shown`() async throws {
    let terminal = try await typist.start(["secret"])
    try await terminal.expectScreen("How many?")
    try terminal.send("swordfisk\u{7F}h\r")
    try await terminal.expect("answer line(\"swordfish\")")
    #expect(terminal.screen.transcript.components(separatedBy: "sword").count == 2)
  }
}

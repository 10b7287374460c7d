import Foundation
import Glibc
import PseudoTerminal
import Testing

struct TerminalTests {
  let typist: Typist

  init() throws { typist = try Typist() }

  @Test(arguments: [SIGTERM, SIGHUP, SIGQUIT, SIGINT, SIGSEGV, SIGABRT, SIGBUS, SIGILL])
  func `a signal while editing gives the terminal back`(signal: Int32) async throws {
    let terminal = try await typist.start()
    try terminal.send("half")
    try await terminal.expectScreen("op> half")
    #expect(terminal.settings?.isCooked == false)
    terminal.signal(signal)
    #expect(try await terminal.exit() == .signal(signal))
    try await expectRestored(terminal)
  }

  @Test(arguments: ["quit\r", "\u{4}", "crash\r"])
  func `every way out gives the terminal back`(keys: String) async throws {
    let terminal = try await typist.start()
    try terminal.send(keys)
    let end = try await terminal.exit()
    #expect((end == .code(0)) == (keys != "crash\r"))
    try await expectRestored(terminal)
  }

  @Test func `a notice prints above a wrapped entry and keeps it`() async throws {
    let terminal = try await typist.start(columns: 20)
    try terminal.send("a 中 entry longer than a line alert\t")
    try await terminal.expectScreen("*** ALERT bot7 halte\nd\nop> a 中 entry longe\nr than a line alert")
    try terminal.send("\u{1}X\r")
    await #expect(throws: Never.self) { try await terminal.expect("<Xa 中 entry longer than a line alert>") }
  }

  @Test func `a flood of notices arrives whole and keeps the entry`() async throws {
    let terminal = try await typist.start()
    try terminal.send("flood\tmore")
    try await terminal.expect("notice 200\n")
    try await terminal.expectScreen("notice 200\nop> floodmore")
    let numbers = terminal.screen.transcript.components(separatedBy: "notice ").dropFirst().compactMap {
      Int($0.prefix { $0.isNumber })
    }
    #expect(numbers == Array(1...200))
    try terminal.send("\r")
    try await terminal.expect("<floodmore>")
  }

  @Test func `a cancelled read gives the terminal back and the next one works`() async throws {
    let terminal = try await typist.start()
    try terminal.send("half cancel\t")
    try await terminal.expect("{cancelled}")
    try await terminal.expect("op> ")
    try terminal.send("next\r")
    await #expect(throws: Never.self) { try await terminal.expect("<next>") }
  }

  @Test func `closing ends a read and gives the terminal back`() async throws {
    let terminal = try await typist.start()
    try terminal.send("half close\t")
    try await terminal.expect("{error terminal.closed")
    #expect(try await terminal.exit() == .code(0))
    try await expectRestored(terminal)
  }

  @Test func `a narrower window keeps the entry`() async throws {
    let terminal = try await typist.start()
    try terminal.send("some words that will need two rows")
    try await terminal.expectScreen("two rows")
    terminal.resize(rows: 24, columns: 24)
    try await terminal.expectScreen("op> some words that will\n need two rows")
    try terminal.send("!\r")
    await #expect(throws: Never.self) { try await terminal.expect("two rows!>") }
  }

  @Test func `a terminal without escapes works and gets none`() async throws {
    let terminal = try await typist.start(changes: ["TERM": "dumb"])
    try terminal.send("café\u{7F}e alert\t")
    try await terminal.expect("*** ALERT bot7 halted")
    try terminal.send("\r")
    try await terminal.expect("<cafe alert>")
    #expect(!terminal.screen.hasSeenEscapes)
  }

  @Test func `a terminal this machine does not know is edited as xterm`() async throws {
    let terminal = try await typist.start(changes: ["TERM": "brand-new-terminal"])
    try terminal.send("ac\u{1B}[Db\r")
    await #expect(throws: Never.self) { try await terminal.expect("<abc>") }
  }

  @Test func `Ctrl-Z stops the job and fg brings the entry back`() async throws {
    let shell = try PseudoTerminal.spawn(
      "/bin/bash",
      arguments: ["--norc", "--noprofile", "-i"],
      environment: PseudoTerminal.environment(["HOME": typist.home, "PS1": "shell% "])
    )
    try await shell.expect("shell% ")
    try shell.send(PseudoTerminal.product("line-editor-probe") + "\r")
    try await shell.expect("op> ")
    try shell.send("half")
    try await shell.expect("half")
    try shell.send("\u{1A}")
    try await shell.expect("Stopped")
    try await shell.expect("shell% ")
    try shell.send("echo $((40+2))\r")
    try await shell.expect("42")
    try shell.send("fg\r")
    try await shell.expect("op> half")
    try shell.send(" done\u{3}quit\r")
    try await shell.expect("{interrupted}")
    try await shell.expect("bye")
    await #expect(throws: Never.self) { try await shell.expect("shell% ") }
  }

  @Test func `input that is no terminal is read line by line`() async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: PseudoTerminal.product("line-editor-probe"))
    process.environment = PseudoTerminal.environment(["HOME": typist.home])
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data("one\ntwo do\nend\nthrée".utf8))
    try input.fileHandleForWriting.close()
    let text = String(decoding: try #require(try output.fileHandleForReading.readToEnd()), as: UTF8.self)
    #expect(text == "<one>\n<two do\\nend>\n<thrée>\n{end}\n")
    process.waitUntilExit()
  }

  private func expectRestored(_ terminal: PseudoTerminal) async throws {
    let untouched = try PseudoTerminal.spawn("/bin/true")
    #expect(terminal.settings == untouched.settings)
    try await terminal.expectScreen("paste is plain again") { !$0.isPasteBracketed }
  }
}

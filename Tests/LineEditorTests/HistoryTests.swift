import Foundation
import PseudoTerminal
import Testing

@testable import LineEditor

struct HistoryTests {
  let typist: Typist

  init() throws { typist = try Typist() }

  @Test func `entries are recalled in the next start, several lines as one`() async throws {
    let first = try await typist.start()
    try first.send("one do\rend\rquit\r")
    try await first.expect("bye")
    _ = try await first.exit()

    let second = try await typist.start()
    try second.send("\u{1B}[A\u{1B}[A\r")
    await #expect(throws: Never.self) { try await second.expect(#"<one do\nend>"#) }
  }

  @Test func `Ctrl-R searches backwards`() async throws {
    let terminal = try await typist.start()
    try terminal.send("deploy all\rother\r")
    try await terminal.expect("<other>")
    try terminal.send("\u{12}depl")
    try await terminal.expectScreen("bck:depl")
    try terminal.send("\r")
    await #expect(throws: Never.self) { try await terminal.expect("<deploy all>") }
  }

  @Test(arguments: [
    ("\u{1B}[D", "deployX all"), ("\u{1B}[H", "Xdeploy all"), ("\u{1B}OH", "Xdeploy all"), ("\u{1B}[F", "deploy allX"),
    ("\u{1B}[A", "firstX"), ("\u{1B}[B", "otherX"), ("\u{1B}[5~", "deploy Xall"),
  ])
  func `a key ends the search and does what it does`(key: String, text: String) async throws {
    let terminal = try await typist.start()
    try terminal.send("first\rdeploy all\rother\r")
    try await terminal.expect("<other>")
    try terminal.send("\u{12}all")
    try await terminal.expectScreen("bck:all")
    try terminal.send("\(key)X\r")
    await #expect(throws: Never.self) { try await terminal.expect("<\(text)>") }
  }

  @Test func `without a home the history stays in memory, with one notice`() async throws {
    let terminal = try await typist.start(changes: ["HOME": nil])
    #expect(terminal.screenText.contains("history: kept in memory only"))
    try terminal.send("kept\r")
    try await terminal.expect("<kept>")
    try terminal.send("\u{1B}[A\r")
    try await terminal.expect("<kept>")
    #expect(terminal.screenText.components(separatedBy: "in memory only").count == 2)
  }

  @Test func `a question alone says nothing about the history`() async throws {
    let terminal = try await typist.start(["ask"], changes: ["HOME": nil])
    #expect(!terminal.screenText.contains("history"))
    try terminal.send("1\r")
    try await terminal.expect("history: kept in memory only")
    try await terminal.expect("op> ")
  }

  @Test func `a file that cannot be written costs one notice`() async throws {
    let terminal = try await typist.start(changes: ["XDG_STATE_HOME": "/proc/nowhere"])
    try terminal.send("one\rtwo\r")
    try await terminal.expect("/proc/nowhere/opsh/history cannot be used")
    try await terminal.expect("<two>")
    #expect(terminal.screenText.components(separatedBy: "in memory only").count == 2)
  }

  @Test func `only the owner can read the file`() throws {
    var history = History(file: typist.historyPath)
    _ = history.add("fleet.halt()")
    let attributes = try FileManager.default.attributesOfItem(atPath: typist.historyPath)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test(arguments: ["", "  ", "\n", " secret()", "again"])
  func `blank, hidden and repeated entries are not kept`(entry: String) {
    var history = History(file: typist.historyPath)
    _ = history.add("again")
    let isKept = history.add(entry)
    #expect(!isKept)
    #expect(stored() == ["again"])
  }

  @Test func `damaged and torn lines are skipped`() throws {
    var history = History(file: typist.historyPath)
    _ = history.add("before\nand \"after\" ü")
    let file = try #require(FileHandle(forWritingAtPath: typist.historyPath))
    try file.seekToEnd()
    try file.write(contentsOf: Data([0xFF, 0xFE, 0x0A]) + Data("{}\n[1]\nplain\n{\"src\":\"torn".utf8))
    _ = history.add("whole")
    #expect(stored() == ["before\nand \"after\" ü", "whole"])
  }

  @Test func `two sessions write into one file`() {
    var first = History(file: typist.historyPath)
    var second = History(file: typist.historyPath)
    for number in 1...20 {
      _ = first.add("first \(number)")
      _ = second.add("second \(number)")
    }
    #expect(stored().count == 40)
  }

  @Test func `of a long file the end is read`() {
    let file = HistoryFile(path: typist.historyPath)
    let long = String(repeating: "x", count: 300_000)
    var history = History(file: typist.historyPath)
    for number in 1...5 { _ = history.add("\(number)\(long)") }
    #expect((try? file.load(limit: 10))?.map { $0.first } == ["3", "4", "5"])
  }

  @Test(arguments: [
    (["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/opsh/history"),
    (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/opsh/history"),
    (["HOME": "/h"], "/h/.local/state/opsh/history"),
    (["HOME": ""], nil),
    ([:], nil),
  ])
  func `the path follows the XDG directories`(environment: [String: String], path: String?) {
    #expect(StandardLineEditor.historyPath(environment: environment) == path)
  }

  private func stored() -> [String] {
    var history = History(file: typist.historyPath)
    return history.load()
  }
}

import Glibc
import PseudoTerminal
import Testing

struct InterruptMonitorTests {
  let typist: Typist

  init() throws { typist = try Typist() }

  @Test func `a long call sees each Ctrl-C as a press, and a second monitor is refused`() async throws {
    let terminal = try await typist.start()
    for _ in 1...2 {
      try terminal.send("wait\r")
      try await terminal.expect("{second refused}")
      try await terminal.expect("{running}")
      try terminal.send("\u{3}")
      try await terminal.expect("{press 1}")
      try terminal.send("\u{3}")
      try await terminal.expect("{press 2}")
      await #expect(throws: Never.self) { try await terminal.expect("op> ") }
    }
  }

  @Test func `a reset counts from zero`() async throws {
    let terminal = try await typist.start()
    try terminal.send("reset\r")
    try await terminal.expect("{running}")
    for _ in 1...2 {
      try terminal.send("\u{3}")
      await #expect(throws: Never.self) { try await terminal.expect("{press 1 of 1}") }
    }
  }

  @Test func `after removal the signal has its former meaning`() async throws {
    let terminal = try await typist.start()
    try terminal.send("reset\r")
    try await terminal.expect("{running}")
    for _ in 1...2 {
      try terminal.send("\u{3}")
      try await terminal.expect("{press 1 of 1}")
    }
    try await terminal.expect("op> ")
    terminal.signal(SIGINT)
    #expect(try await terminal.exit() == .signal(SIGINT))
  }
}

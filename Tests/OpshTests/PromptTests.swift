import Foundation
import PseudoTerminal
import Testing

struct PromptTests {
  private func prompt(_ arguments: [String] = [], in place: Scratch, environment: [String: String?] = [:]) async throws
    -> PseudoTerminal
  {
    let terminal = try PseudoTerminal.spawn(
      PseudoTerminal.product("opsh"),
      arguments: arguments,
      environment: PseudoTerminal.environment(environment.merging(["XDG_STATE_HOME": place.path]) { first, _ in first })
    )
    try await terminal.expect("opsh> ")
    return terminal
  }

  @Test func `calls are read, run and shown until Ctrl-D leaves`() async throws {
    let place = try Scratch()
    let terminal = try await prompt(in: place)
    let untouched = try #require(try PseudoTerminal.spawn("/bin/true").settings)
    #expect(terminal.settings?.isCooked == false)
    try await terminal.expectScreen("no site")
    try terminal.send("6 * 7\r")
    try await terminal.expect("\n42\n")
    try await terminal.expect("opsh> ")
    try terminal.send("x = 'quiet' .. _;\r")
    try await terminal.expect("opsh> ")
    try terminal.send("x\r")
    try await terminal.expect("\n\"quiet42\"\n")
    try await terminal.expect("opsh> ")
    try terminal.send("\u{4}")
    #expect(try await terminal.exit() == .code(0))
    #expect(terminal.settings == untouched)
  }

  @Test func `an entry may span lines`() async throws {
    let place = try Scratch()
    let terminal = try await prompt(in: place)
    try terminal.send("for i = 1, 2 do\rprint('line', i)\rend\r")
    try await terminal.expect("line\t1\nline\t2\n")
    try await terminal.expect("opsh> ")
    try terminal.send("exit(3)\r")
    #expect(try await terminal.exit() == .code(3))
  }

  @Test func `Ctrl-C stops what runs and the prompt comes back`() async throws {
    let place = try Scratch()
    let terminal = try await prompt(in: place)
    try terminal.send("print('begun') while true do pcall(function() while true do end end) end\r")
    try await terminal.expect("\nbegun\n")
    try terminal.send("\u{3}")
    try await terminal.expect("cancelled")
    try await terminal.expect("opsh> ")
    try terminal.send("1 + 1\r")
    try await terminal.expect("\n2\n")
    try await terminal.expect("opsh> ")
    try terminal.send("\u{4}")
    #expect(try await terminal.exit() == .code(0))
  }

  @Test func `Ctrl-C at the prompt throws the entry away`() async throws {
    let place = try Scratch()
    let terminal = try await prompt(in: place)
    try terminal.send("error('never')\u{3}")
    try await terminal.expect("opsh> ")
    try terminal.send("'fine'\r")
    try await terminal.expect("\n\"fine\"\n")
    #expect(!terminal.screenText.contains("never\n  "))
  }

  @Test func `Tab completes names, arguments and globals of the session`() async throws {
    let place = try Scratch()
    let terminal = try await prompt(in: place)
    try terminal.send("print_a\t<v\t\"seen\">\r")
    try await terminal.expect("print_all<value=\"seen\">")
    try await terminal.expect("\n\"seen\"\n")
    try await terminal.expect("opsh> ")
    try terminal.send("release = { version = 'v2' }\r")
    try await terminal.expect("opsh> ")
    try terminal.send("rele\t.ver\t\r")
    try await terminal.expect("release.version")
    try await terminal.expect("\n\"v2\"\n")
    try await terminal.expect("opsh> ")
    try terminal.send("\u{4}")
    #expect(try await terminal.exit() == .code(0))
  }

  @Test func `a name alone says how it is called, and a command of the shell which call it is`() async throws {
    let place = try Scratch()
    let terminal = try await prompt(in: place)
    try terminal.send("help\r")
    try await terminal.expect("help is a function: help() calls it, help(help) explains it\n")
    try await terminal.expect("opsh> ")
    try terminal.send("opsh runs\r")
    try await terminal.expect("hint: type `runs()` here\n")
    try await terminal.expect("opsh> ")
    #expect(!terminal.screenText.contains("<function"))
  }

  @Test func `a failure shows its hint, and a trace only when there were calls`() async throws {
    let place = try Scratch()
    let terminal = try await prompt(in: place)
    try terminal.send("help 'hlep'\r")
    try await terminal.expect("no help found for 'hlep'\n  hint: did you mean 'help'?\n")
    try await terminal.expect("opsh> ")
    #expect(!terminal.screenText.contains("called from"))
  }

  @Test(arguments: [
    ("1 +* 2", "         ^\nunexpected symbol near '*'\n"), ("local = 3", "            ^\n<name> expected near '='\n"),
    ("f(1))", "          ^\n"), ("x = \"abc", "          ^\nunfinished string near <eof>\n"),
  ])
  func `a mistake of syntax is marked below the entry`(entry: String, answer: String) async throws {
    let place = try Scratch()
    let terminal = try await prompt(in: place)
    try terminal.send(entry + "\r")
    try await terminal.expect(entry + "\n" + answer)
    try await terminal.expect("opsh> ")
    #expect(!terminal.screenText.contains("called from"))
    // A mistake at the prompt is no failure of the session.
    try terminal.send("\u{4}")
    #expect(try await terminal.exit() == .code(0))
  }

  @Test func `history is kept across starts`() async throws {
    let place = try Scratch()
    let first = try await prompt(in: place)
    try first.send("'remembered'\r")
    try await first.expect("\n\"remembered\"\n")
    try await first.expect("opsh> ")
    try first.send("\u{4}")
    #expect(try await first.exit() == .code(0))
    let second = try await prompt(in: place)
    try second.send("\u{1B}[A\r")
    try await second.expect("\n\"remembered\"\n")
    try await second.expect("opsh> ")
    try second.send("\u{4}")
    #expect(try await second.exit() == .code(0))
  }

  @Test func `a dry run is marked, and without HOME the prompt still works`() async throws {
    let terminal = try PseudoTerminal.spawn(
      PseudoTerminal.product("opsh"),
      arguments: ["--dry-run"],
      environment: PseudoTerminal.environment(["HOME": nil])
    )
    try await terminal.expect("opsh (dry)> ")
    try terminal.send("1 + 1\r")
    try await terminal.expect("\n2\n")
    try await terminal.expect("opsh (dry)> ")
    try terminal.send("\u{4}")
    #expect(try await terminal.exit() == .code(0))
  }

  @Test func `no escape reaches a terminal that declined colours`() async throws {
    let place = try Scratch()
    for (arguments, environment) in [(["--no-color"], [:]), ([], ["NO_COLOR": "1"])] as [([String], [String: String?])]
    {
      let terminal = try await prompt(arguments + ["-q"], in: place, environment: environment)
      try terminal.send("error('plain')\r")
      try await terminal.expect("plain")
      try await terminal.expect("opsh> ")
      try terminal.send("exit()\r")
      #expect(try await terminal.exit() == .code(0))
    }
  }

  @Test func `Ctrl-C ends a batch script with 130`() async throws {
    let terminal = try PseudoTerminal.spawn(
      PseudoTerminal.product("opsh"),
      arguments: ["-e", "print('begun') while true do pcall(function() while true do end end) end"]
    )
    try await terminal.expect("begun\n")
    try terminal.send("\u{3}")
    try await terminal.expect("cancelled")
    #expect(try await terminal.exit() == .code(130))
  }
}

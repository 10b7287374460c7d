import Foundation
import PrimitiveKit
import PseudoTerminal
import Reference
import Testing

@testable import opsh

/// What opsh says in small matters: counts, hints and bare words.
struct SmallWordTests {
  private static let site =
    #"return { name = "here", hosts = { { name = "me", transport = "local", bots = "bot1" } } }"#

  private func place() throws -> Scratch {
    let place = try Scratch()
    try place.file("site.lua", Self.site)
    return place
  }

  private func opsh(_ words: String..., in place: Scratch) throws -> OpshRun {
    let environment = ["HOME": place.path, "XDG_STATE_HOME": place.path, "PATH": "/usr/bin:/bin"]
    return try OpshRun(words, environment: environment, directory: place)
  }

  @Test func `help that is named and not called says how it is called`() throws {
    let place = try place()
    for (code, said) in [
      ("help", "help is a function: help() calls it, help(help) explains it\n"),
      ("exit", "exit is a function: exit() calls it, help(exit) explains it\n"),
      ("fleet.status", "fleet.status is a function: fleet.status() calls it, help(fleet.status) explains it\n"),
    ] {
      let run = try opsh("-e", code, in: place)
      #expect(run.status == 0 && run.output == said, "\(run)")
    }
  }

  @Test func `a file that cannot be put names the path that was given`() throws {
    let place = try place()
    for path in ["no/such/file", String(repeating: "n", count: 256)] {
      let run = try opsh("--yes", "-e", "fleet.put(\"me\", \"\(path)\", \"x\")", in: place)
      #expect(run.status != 0, "\(run)")
      let said = run.output + run.errors
      #expect(said.contains("\(path) could not be written on me: "), "\(said)")
      #expect(!said.contains(".opsh-"), "\(said)")
    }
  }

  @Test func `a run that waits for nothing is not approved, and says so`() throws {
    let place = try place()
    #expect(try opsh("--yes", "-e", #"fleet.exec("me", "true")"#, in: place).status == 0)
    let run = try opsh("approve", "20", in: place)
    #expect(run.status == 65, "\(run)")
    #expect(run.errors.contains(" (fleet.exec) is not waiting for an approval: it is ok"), "\(run)")
  }

  @Test func `advice in a shell is a command`() throws {
    let place = try place()
    let run = try opsh("-e", #"rollback("2099")"#, in: place)
    #expect(run.errors.contains("hint: see the list with `opsh runs`"), "\(run)")
    let call = try opsh("-e", "fleet.logs()", in: place)
    #expect(call.errors.contains("hint: `opsh -e 'help(fleet.logs)'` shows its arguments"), "\(call)")
  }

  @Test func `a wrong command line is an event where events are read`() throws {
    let run = try opsh("--json", "runs", "extra", in: try place())
    #expect(run.status == 64 && run.errors.isEmpty, "\(run)")
    let event = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(event?["event"] as? String == "error" && event?["code"] as? String == "usage.argument", "\(run)")
    #expect(event?["message"] as? String == "unexpected argument 'extra'", "\(run)")
  }

  @Test func `no line of help is wider than a terminal`() throws {
    let table = CommandTable(commands: Opsh.domains.flatMap(\.commands))
    var texts = [("--help", Usage.text([], table))]
    for info in table.commands.map(\.info) {
      texts.append((info.name, Usage.text(info.name.split(separator: " ").map(String.init), table)))
    }
    let place = try place()
    let catalog = try opsh("--catalog", in: place).output
    let names = catalog.matches(of: /"name":"([a-z_.]+)","parameters"/).map { String($0.1) }
    #expect(names.count > 50)
    let calls = names.map { "help \"\($0)\" print \"\u{1}\"" }.joined(separator: "\n")
    try place.file("all.lua", calls + "\nhelp()")
    let pages = try opsh("all.lua", in: place).output.split(separator: "\u{1}").map(String.init)
    texts += zip(names + ["help()"], pages)
    for (name, text) in texts {
      var isExample = false
      for line in text.split(separator: "\n") {
        if line.hasPrefix("examples") { isExample = true }
        // Code stands as it is typed.
        if !isExample { #expect(DisplayWidth.of(String(line)) <= 80, "\(name): \(line)") }
      }
    }
  }
}

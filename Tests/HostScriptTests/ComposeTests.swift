import Foundation
import HostScript
import PrimitiveKit
import Subprocess
import Testing

struct ComposeTests {
  @Test func `settings lead, the driver follows the core, the call comes last`() throws {
    let script = try HostScript(
      driver: "my_pull() { :; }",
      verbs: ["pull": "my_pull", "list": "driver_list"],
      environment: ["ROOT": "it's here"]
    )
    #expect(script.text.contains("\nROOT='it'\\''s here'\n"))
    #expect(script.text.hasSuffix("driver_pull() { my_pull \"$@\"; }\nmain \"$@\"\nexit $?\n"))
    #expect(!script.text.contains("driver_list() {"))
    #expect(script.remotePath == ".opsh/bin/host-\(SHA256(hashing: script.text.utf8).hex).sh")
  }

  @Test(arguments: ["PATH", "a b", "", "1A", "X;rm"])
  func `a variable that is not one is refused`(name: String) {
    #expect(throws: HostScriptError.badVariable(name)) { try HostScript(driver: "", environment: [name: "x"]) }
  }

  @Test func `a function that is not one is refused`() {
    #expect(throws: HostScriptError.badFunction(verb: "pull", function: "x; y")) {
      try HostScript(driver: "", verbs: ["pull": "x; y"])
    }
  }

  @Test(arguments: [
    "", "plain", "two words", "it's", "''", "\"$HOME`id`\\", "line\nline\n", "\t", "*", "~", "-n", "a=b", "é😀", "!",
    "#x",
    "\u{1}\u{7f}", "a;b&c|d>e<f(g)",
  ])
  func `a quoted word comes back from a real shell`(word: String) async throws {
    let shell = Subprocess(path: "/bin/sh", arguments: ["-c", "printf %s.%s " + ShellQuote.line([word, word])])
    let ending = try await shell.run()
    #expect(String(decoding: ending.output, as: UTF8.self) == "\(word).\(word)")
  }

  @Test func `a combining mark after a quote does not hide it`() async throws {
    let word = "a'\u{301}; echo no"
    let ending = try await Subprocess(path: "/bin/sh", arguments: ["-c", "printf %s " + ShellQuote.word(word)]).run()
    #expect(ending.output == Array(word.utf8))
  }
}

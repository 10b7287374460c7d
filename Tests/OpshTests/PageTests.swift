import Foundation
import OpshTesting
import PseudoTerminal
import Subprocess
import Testing

/// Runs pages from their first example to their last; no fleet is needed.
@Suite(.timeLimit(.minutes(3)))
struct PageTests {
  @Test(arguments: [("http", 8), ("scripting", 13), ("secrets", 9), ("specs", 9)])
  func `every example of a page does what it says`(name: String, examples: Int) async throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/\(name).md").standardizedFileURL
    let page = DocumentPage(try String(contentsOf: file, encoding: .utf8))
    let place = try Scratch()
    #expect(page.blocks.count >= examples, "the page has lost examples")
    for block in page.blocks {
      switch block {
      case .file(let path, let text): try place.file(path, text)
      case .console(let commands, let code): try await run(commands, code: code, in: place)
      case .session: Issue.record("the page has no sessions")
      }
    }
  }

  private func run(_ commands: [DocumentPage.Command], code: Int32, in place: Scratch) async throws {
    let folder = (PseudoTerminal.product("opsh") as NSString).deletingLastPathComponent
    for (number, command) in commands.enumerated() {
      var shell = Subprocess(
        path: "/bin/sh",
        arguments: ["-c", command.line],
        environment: ["HOME": place.path, "PATH": "\(folder):/usr/local/bin:/usr/bin:/bin"]
      )
      shell.folder = place.path
      shell.timeout = .seconds(60)
      let ending = try await shell.run()
      let output = String(decoding: ending.output + ending.errorOutput, as: UTF8.self)
      #expect(ending.status == (number == commands.count - 1 ? code : 0), "\(command)\n\(output)")
      for line in command.expected {
        #expect(DocumentPage.matches(line, output), "\(command)\nexpected \(line)\n\(output)")
      }
    }
  }
}

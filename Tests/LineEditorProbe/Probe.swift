import Foundation
import LineEditor

/// Reads entries and prints each as `<entry>` on one line, for tests that type at it.
///
/// Arguments: `notify-on=TEXT` prints a notice from another thread whenever the entry under edit is completed with Tab
/// after TEXT; `ask` and `secret` put one question first. An entry that says `quit` ends it.
@main
enum Probe {
  static func main() async {
    let environment = ProcessInfo.processInfo.environment
    let words = ["fleet.deploy", "fleet.hosts", "fleet.halt", "ledger.break"]
    let notices = Notices()
    let options = LineEditorOptions(
      historyFile: StandardLineEditor.historyPath(environment: environment),
      isComplete: { text in
        let opened = text.components(separatedBy: "do").count
        let closed = text.components(separatedBy: "end").count
        return opened <= closed
      },
      complete: { text, cursor in
        let before = String(decoding: text.utf8.prefix(cursor), as: UTF8.self)
        if before.hasSuffix("alert") {
          notices.send()
          return Completion(replacementStart: cursor)
        }
        let word = before.reversed().prefix { $0.isLetter || $0 == "." }.reversed()
        let found = words.filter { $0.hasPrefix(String(word)) }
        return Completion(
          replacementStart: cursor - String(word).utf8.count,
          candidates: found.map { Candidate($0, summary: $0 == "fleet.halt" ? "Stops trading" : "") }
        )
      }
    )
    do {
      let editor = try await StandardLineEditor.open(options: options)
      notices.editor = editor
      try await run(editor)
      await editor.close()
    } catch {
      print("{error \(error.code): \(error.message)}")
    }
  }

  static func run(_ editor: any LineEditor) async throws(LineEditorError) {
    for question in CommandLine.arguments.dropFirst() {
      let answer = try await editor.ask("How many? ", echo: question == "ask")
      show("answer \(answer)")
    }
    let prompt = Prompt([("op", "32"), ("> ", "1")])
    while true {
      switch try await editor.readLine(prompt) {
      case .line("quit"): return show("bye")
      case .line("wait"): await watchInterrupts()
      case .line("crash"): abort()
      case .line(let text): show("<\(text.replacing("\n", with: "\\n"))>")
      case .interrupted: show("{interrupted}")
      case .endOfInput: return show("{end}")
      }
    }
  }

  /// Runs until Ctrl-C was pressed twice, as a long call would.
  static func watchInterrupts() async {
    guard let presses = try? InterruptMonitor.stream() else { return show("{no interrupts}") }
    show("{running}")
    for await count in presses {
      show("{press \(count)}")
      if count == 2 { return }
    }
  }

  static func show(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}

/// Sends notices from a thread of its own.
///
/// `@unchecked Sendable`: `editor` is written once, before the first read can cause a notice.
final class Notices: @unchecked Sendable {
  var editor: (any LineEditor)?

  func send() {
    Thread.detachNewThread { self.editor?.notify("*** ALERT bot7 halted") }
  }
}

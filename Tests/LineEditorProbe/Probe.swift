import Foundation
import LineEditor

/// Reads entries and prints each as `<entry>` on one line, for tests that type at it.
///
/// Tab after `alert` prints a notice from another thread, after `flood` two hundred, after `cancel` it cancels the read,
/// after `close` it closes the editor. The arguments `ask`, `secret` and `wait` do so first, and `idle` until a line was
/// typed, which it leaves unread. An entry that says
/// `quit` ends the program, `crash` aborts it, and `wait` and `reset` run until Ctrl-C was pressed
/// twice.
@main
enum Probe {
  static func main() async {
    let environment = ProcessInfo.processInfo.environment
    let words = ["fleet.deploy", "fleet.hosts", "fleet.halt", "ledger.break"]
    let actions = Actions()
    let options = LineEditorOptions(
      historyFile: StandardLineEditor.historyPath(environment: environment),
      isComplete: { text in
        let opened = text.components(separatedBy: "do").count
        let closed = text.components(separatedBy: "end").count
        return opened <= closed
      },
      complete: { text, cursor in
        let before = String(decoding: text.utf8.prefix(cursor), as: UTF8.self)
        if let order = ["alert", "flood", "cancel", "close"].first(where: before.hasSuffix) {
          actions.start(order)
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
      actions.editor = editor
      try await run(editor, actions)
      await editor.close()
    } catch {
      print("{error \(error.code): \(error.message)}")
    }
  }

  static func run(_ editor: any LineEditor, _ actions: Actions) async throws(LineEditorError) {
    for question in CommandLine.arguments.dropFirst() {
      if question == "wait" {
        await watchInterrupts()
        continue
      }
      if question == "idle" {
        show("{idle}")
        var typed = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&typed, 1, -1) < 0 {}
        continue
      }
      let answer = try await editor.ask("How many? ", echo: question == "ask")
      show("answer \(answer)")
    }
    let prompt = Prompt([("op", "32"), ("> ", "1")])
    while true {
      let entry: LineEntry
      do throws(LineEditorError) {
        entry = try await actions.cancellable { () throws(LineEditorError) in try await editor.readLine(prompt) }
      } catch .cancelled {
        show("{cancelled}")
        continue
      }
      switch entry {
      case .line("quit"): return show("bye")
      case .line("wait"): await watchInterrupts()
      case .line("reset"): await resetInterrupts()
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
    if (try? InterruptMonitor { _ in }) == nil { show("{second refused}") }
    show("{running}")
    for await count in presses {
      show("{press \(count)}")
      if count == 2 { return }
    }
  }

  /// Runs for two presses and counts each from zero.
  static func resetInterrupts() async {
    let (presses, continuation) = AsyncStream.makeStream(of: Int.self)
    guard let monitor = try? InterruptMonitor(onPress: { continuation.yield($0) }) else {
      return show("{no interrupts}")
    }
    defer { monitor.remove() }
    show("{running}")
    var counts = presses.makeAsyncIterator()
    for _ in 1...2 {
      let count = await counts.next()
      show("{press \(count ?? 0) of \(monitor.presses)}")
      monitor.reset()
    }
  }

  static func show(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}

/// What happens beside the read, on a thread of its own.
///
/// `@unchecked Sendable`: `editor` is written once, before the first read; `reading` only between two reads.
final class Actions: @unchecked Sendable {
  var editor: (any LineEditor)?
  private var reading: Task<Result<LineEntry, LineEditorError>, Never>?

  func cancellable(
    _ read: @escaping @Sendable () async throws(LineEditorError) -> LineEntry
  ) async throws(LineEditorError) -> LineEntry {
    let task = Task {
      do throws(LineEditorError) {
        return Result<LineEntry, LineEditorError>.success(try await read())
      } catch {
        return .failure(error)
      }
    }
    reading = task
    return try await task.value.get()
  }

  func start(_ order: String) {
    Thread.detachNewThread { self.perform(order) }
  }

  private func perform(_ order: String) {
    switch order {
    case "alert": editor?.notify("*** ALERT bot7 halted")
    case "flood": for number in 1...200 { editor?.notify("notice \(number)") }
    case "cancel": reading?.cancel()
    default: Task { await self.editor?.close() }
    }
  }
}

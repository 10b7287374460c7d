import Foundations
package import PrimitiveKit
package import Runs
import Subprocess
import Synchronization

/// Runs the site's `notify` program with each notice on its standard input.
package final class NotifierHook: RunNotifier {
  private struct State {
    var running: [Int: Task<Void, Never>] = [:]
    var next = 0
    var hasComplained = false
  }

  private let command: [String]
  private let deadline: Duration
  private let dialogue: any Dialogue
  private let state = Mutex(State())

  /// `command` is a program and its arguments; it has 15 s for a notice unless told otherwise.
  package init(command: [String], dialogue: any Dialogue, deadline: Duration = .seconds(15)) {
    self.command = command
    self.dialogue = dialogue
    self.deadline = deadline
  }

  package func notify(_ notice: RunNotice) {
    let text = notice.json
    state.withLock { state in
      let id = state.next
      state.next += 1
      state.running[id] = Task {
        if let problem = await self.problem(of: text) { self.complain(problem) }
        self.state.withLock { $0.running[id] = nil }
      }
    }
  }

  package func finish() async {
    while let task = state.withLock({ $0.running.values.first }) { await task.value }
  }

  /// Nil when the program took the notice.
  private func problem(of text: String) async -> String? {
    guard let name = command.first else { return nil }
    // A name without a slash is looked for on the PATH.
    let words = name.contains("/") ? command : ["/usr/bin/env"] + command
    var child = Subprocess(path: words[0], arguments: Array(words.dropFirst()))
    child.input = Array(text.utf8)
    child.timeout = deadline
    child.outputLimit = 4 << 10
    child.leavesTerminal = true
    do {
      let ending = try await child.run()
      if ending.timedOut { return "it did not finish within \(Int(deadline.seconds.rounded(.up))) s" }
      if let signal = ending.signal { return "signal \(signal) ended it" }
      guard let status = ending.status, status != 0 else { return nil }
      let said = String(decoding: ending.errorOutput, as: UTF8.self).split(separator: "\n").last
      return "it exited with status \(status)" + (said.map { ": \($0.prefix(200))" } ?? "")
    } catch {
      return error.reason
    }
  }

  /// Once: a pager that is broken is broken for every notice.
  private func complain(_ problem: String) {
    let isFirst = state.withLock { state in
      defer { state.hasComplained = true }
      return !state.hasComplained
    }
    if isFirst { dialogue.say("notify: \(command.first ?? ""): \(problem); nobody was notified; the run continues") }
  }
}

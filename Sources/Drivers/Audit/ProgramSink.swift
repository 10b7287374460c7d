import Foundations
package import PrimitiveKit
import Subprocess

/// Gives each head to a program on its standard input, for example `logger`.
package struct ProgramSink: HeadSink {
  private let command: [String]
  private let deadline: Duration

  /// `command` is a program and its arguments; it has 10 s for a head unless told otherwise.
  package init(command: [String], deadline: Duration = .seconds(10)) {
    self.command = command
    self.deadline = deadline
  }

  package var name: String { command.first ?? "" }

  package func send(_ line: String) async throws(CallFailure) {
    // A name without a slash is looked for on the PATH.
    let words = name.contains("/") ? command : ["/usr/bin/env"] + command
    var child = Subprocess(path: words[0], arguments: Array(words.dropFirst()))
    child.input = Array("\(line)\n".utf8)
    child.timeout = deadline
    child.outputLimit = 4 << 10
    child.leavesTerminal = true
    let ending: Subprocess.Ending
    do {
      ending = try await child.run()
    } catch {
      throw CallFailure.auditSink(name, error.reason)
    }
    if ending.timedOut {
      throw CallFailure.auditSink(name, "it did not finish within \(Int(deadline.seconds.rounded(.up))) s")
    }
    if let signal = ending.signal { throw CallFailure.auditSink(name, "signal \(signal) ended it") }
    guard let status = ending.status, status != 0 else { return }
    let said = String(decoding: ending.errorOutput, as: UTF8.self).split(separator: "\n").last
    throw CallFailure.auditSink(name, "it exited with status \(status)" + (said.map { ": \($0.prefix(200))" } ?? ""))
  }
}

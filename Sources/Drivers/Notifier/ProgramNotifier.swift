import Foundation
import Foundations
import Glibc
package import PrimitiveKit
import Subprocess

/// Runs a program of this machine with each event on its standard input, as one line of JSON; no shell is involved.
package struct ProgramNotifier: Notifier {
  package let name: String
  package let deadline: Duration
  private let command: [String]

  /// `command` is a program and its arguments; it has 15 s for an event unless told otherwise.
  package init(name: String, command: [String], deadline: Duration = .seconds(15)) {
    self.name = name
    self.command = command
    self.deadline = deadline
  }

  package func deliver(_ event: Value) async throws(CallFailure) {
    guard let program = command.first else { throw failure("no program is named") }
    // A name without a slash is looked for on the PATH.
    let words = program.contains("/") ? command : ["/usr/bin/env"] + command
    var child = Subprocess(path: words[0], arguments: Array(words.dropFirst()))
    child.input = Array((try OperationCoding().encode(event) + "\n").utf8)
    child.timeout = deadline
    // What it started and left behind must not hold up the next event.
    child.drain = .milliseconds(200)
    child.outputLimit = 4 << 10
    child.floodLimit = 1 << 20
    child.leavesTerminal = true
    let ending: Subprocess.Ending
    do {
      ending = try await child.run()
    } catch {
      throw failure(error.reason)
    }
    if ending.cancelled { throw .cancelled }
    if ending.timedOut { throw failure("it did not finish within \(deadline.limit)") }
    if ending.dropped > 0, ending.signal == SIGKILL { throw failure("it printed more than 1 MiB") }
    if let signal = ending.signal { throw failure("signal \(signal) ended it") }
    guard let status = ending.status else { throw failure("it could not be ended") }
    guard status != 0 else { return }
    let said = String(decoding: ending.errorOutput, as: UTF8.self).split(whereSeparator: \.isNewline).last
    throw failure("it exited with status \(status)" + (said.map { ": \($0.prefix(200))" } ?? ""))
  }

  private func failure(_ problem: String) -> CallFailure {
    CallFailure(
      .failed,
      code: "notifier.undelivered",
      message: "\(command.first ?? name): \(problem)",
      hint: "run it by hand with an event on its standard input"
    )
  }
}

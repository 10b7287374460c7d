package import PrimitiveKit
import Reference
import Synchronization

/// Talks to a log or a pipe: plain lines, never a question.
package final class PlainDialogue: Dialogue {
  /// The pace of progress lines: one in five seconds.
  package static let progressInterval = Duration.seconds(5)

  package let columns = 100
  package let isInteractive = false
  private let output: any Output
  private let progressOutput: any Output
  private let isQuiet: Bool
  private let notes: NotedExit
  let shownResult = ShownResult()
  private let now: @Sendable () -> ContinuousClock.Instant
  private let pace = Mutex(ProgressPace(interval: progressInterval))

  /// Says lines to `output`, progress to `progress` so that a pipe gets results alone.
  package init(
    output: any Output,
    progress: any Output,
    isQuiet: Bool,
    notes: NotedExit,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.output = output
    self.progressOutput = progress
    self.isQuiet = isQuiet
    self.notes = notes
    self.now = now
  }

  package func say(_ text: String) {
    if !isQuiet { output.write(text.harmless + "\n") }
  }

  package func progress(_ status: ProgressStatus?) {
    guard !isQuiet else { return }
    if let shown = pace.withLock({ $0.next(status, at: now()) }) { progressOutput.write(shown.plain + "\n") }
  }

  package func event(_ event: SessionEvent) {}

  package func ask(_ question: String) async throws(CallFailure) -> String? { throw .notInteractive(question) }

  package func shown(_ result: Value) {
    if !isQuiet { shownResult.remember(result) }
  }

  package func note(_ note: ExitNote) { notes.note(note) }
}

extension CallFailure {
  /// The refusal of a question that nobody could answer.
  static func notInteractive(_ question: String) -> CallFailure {
    CallFailure(
      .refused,
      code: "prompt.not_interactive",
      message: "no terminal to answer: \(question)",
      hint: "use `--yes` to confirm in advance, where the site allows it"
    )
  }
}

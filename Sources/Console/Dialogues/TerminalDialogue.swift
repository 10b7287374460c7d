package import PrimitiveKit
import Reference
import Synchronization

/// Talks to a person: lines that stay, one live line below them, questions.
package final class TerminalDialogue: Dialogue {
  /// Asks one question in the editor; nil at the end of input, `call.cancelled` on Ctrl-C.
  package typealias Question = @Sendable (String) async throws(CallFailure) -> String?

  package let isInteractive: Bool
  private let output: any Output
  private let question: Question?
  private let isQuiet: Bool
  private let isPrompt: Bool
  private let notes: NotedExit
  let shownResult = ShownResult()
  private let width: @Sendable () -> Int
  private let height: @Sendable () -> Int
  private let redraws: Bool
  private let live = Mutex<String?>(nil)
  private let pace = Mutex(ProgressPace(interval: PlainDialogue.progressInterval))

  /// Takes the width of the terminal in columns as it is at each moment; without a question nobody answers.
  ///
  /// A terminal that cannot redraw (`TERM=dumb`) gets progress as lines.
  package init(
    output: any Output,
    isQuiet: Bool,
    notes: NotedExit,
    isPrompt: Bool = false,
    redraws: Bool = true,
    width: @escaping @Sendable () -> Int,
    height: @escaping @Sendable () -> Int = { 24 },
    question: Question?
  ) {
    self.output = output
    self.isQuiet = isQuiet
    self.isPrompt = isPrompt
    self.notes = notes
    self.redraws = redraws
    self.width = width
    self.height = height
    self.question = question
    self.isInteractive = question != nil
  }

  package var columns: Int { max(20, width()) }

  package var rows: Int { max(5, height()) }

  package func say(_ text: String) {
    if !isQuiet { write(folded(text.harmless)) }
  }

  package func alert(_ text: String) { write("\u{7}" + folded(text.harmless)) }

  /// The text as it fits the terminal, broken between words.
  ///
  /// At a prompt, commands that it names are put as calls.
  func folded(_ text: String) -> String {
    WrappedText.folded(isPrompt ? NextSteps.said(text) : text, within: columns)
  }

  /// Writes lines above the live line, whether quiet or not.
  package func write(_ text: String) {
    live.withLock { line in
      output.write((line == nil ? "" : Self.erase) + text + "\n" + (line ?? ""))
    }
  }

  package func progress(_ status: ProgressStatus?) {
    guard !isQuiet else { return }
    guard redraws else {
      if let shown = pace.withLock({ $0.next(status, at: .now) }) { output.write(shown.plain + "\n") }
      return
    }
    live.withLock { line in
      guard let status else {
        if line != nil { output.write(Self.erase) }
        line = nil
        return
      }
      // The last column stays free: a full line would make the terminal wrap.
      let fitted = DisplayWidth.fit(status.line, into: columns - 1)
      guard fitted != line else { return }
      output.write(Self.erase + fitted)
      line = fitted
    }
  }

  package func screen(_ lines: [String]) {
    guard !isQuiet else { return }
    guard redraws else { return say(lines.joined(separator: "\n")) }
    live.withLock { line in
      line = nil
      // The last column stays free: a full line would make the terminal wrap.
      let fitted = lines.map { DisplayWidth.fit($0.harmless, into: columns - 1) }
      output.write(Self.clear + fitted.joined(separator: "\n") + "\n")
    }
  }

  package func event(_ event: SessionEvent) {}

  package func ask(_ question: String) async throws(CallFailure) -> String? {
    guard let ask = self.question else { throw .notInteractive(question) }
    progress(nil)
    return try await ask(question)
  }

  package func shown(_ result: Value) {
    if !isQuiet { shownResult.remember(result) }
  }

  package func note(_ note: ExitNote) { notes.note(note) }

  private static let erase = "\r\u{1B}[2K"
  // To the first column of the first line, and nothing left from there on.
  private static let clear = "\u{1B}[H\u{1B}[J"
}

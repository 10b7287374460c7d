import Console
import Glibc
import LineEditor
import PrimitiveKit

/// Where a run of opsh is seen: a terminal, a pipe, or a program that reads JSON Lines.
struct Stage: Sendable {
  private enum Kind: Sendable {
    case json(JSONDialogue)
    case plain(PlainDialogue)
    case terminal(TerminalDialogue, OperatorTerminal, Style)
  }

  private let kind: Kind
  private let output: FileOutput
  private let errors: any Output
  let notes: NotedExit

  init(_ invocation: Invocation, output: FileOutput, errors: any Output, environment: [String: String]) {
    let notes = NotedExit()
    self.notes = notes
    self.output = output
    self.errors = errors
    let isQuiet = invocation.isQuiet
    guard !invocation.isJSON else {
      kind = .json(JSONDialogue(output: output, isQuiet: isQuiet, notes: notes))
      return
    }
    guard isatty(STDOUT_FILENO) == 1 else {
      kind = .plain(PlainDialogue(output: output, progress: errors, isQuiet: isQuiet, notes: notes))
      return
    }
    let colored = !invocation.declinesColor && Style.wantsColor(isTerminal: true, environment: environment)
    let terminal = OperatorTerminal(output, colored: colored)
    var hears = isatty(STDIN_FILENO) == 1
    if case .standardInput = invocation.action { hears = false }
    var isPrompt = false
    if case .prompt = invocation.action { isPrompt = hears }
    let question: TerminalDialogue.Question = { (question) async throws(CallFailure) -> String? in
      try await terminal.ask(question)
    }
    let dialogue = TerminalDialogue(
      output: terminal,
      isQuiet: isQuiet,
      notes: notes,
      isPrompt: isPrompt,
      redraws: !["", "dumb"].contains(environment["TERM"] ?? ""),
      width: { TerminalSize.columns() },
      height: { TerminalSize.rows() },
      question: hears ? question : nil
    )
    kind = .terminal(dialogue, terminal, Style(isColored: colored))
  }

  var dialogue: any Dialogue {
    switch kind {
    case .json(let dialogue): dialogue
    case .plain(let dialogue): dialogue
    case .terminal(let dialogue, _, _): dialogue
    }
  }

  /// The terminal to prompt on; nil where nobody types.
  var terminal: OperatorTerminal? {
    if case .terminal(let dialogue, let terminal, _) = kind, dialogue.isInteractive { terminal } else { nil }
  }

  /// Calls `body` once when nobody reads the output any more, or it cannot be written; that is said, and is never a success.
  func onReaderGone(_ body: @escaping @Sendable () -> Void) {
    output.onBroken { [errors, notes] problem in
      if let problem {
        let words = "standard output cannot be written: \(problem)"
        errors.write("opsh: \(words); whatever is running stops\n")
        notes.note(ExitNote(.dataInvalid, why: words))
      }
      body()
    }
  }

  /// Whether the operator was told that the output cannot be written.
  var isOutputLost: Bool { output.loss?.isTold == true }

  /// Nothing is left to stop when the reader goes.
  func ignoreReader() { output.ignoreBroken() }

  /// Writes text as it is, whatever the stage.
  func write(_ text: String) { output.write(text) }

  /// Shows values and advice by these declarations.
  func surface(_ infos: [PrimitiveInfo], at prompt: Bool) -> any Surface {
    let (printer, steps) = (ValuePrinter(infos), NextSteps(infos, isPrompt: prompt))
    switch kind {
    case .json(let dialogue): return JSONSurface(dialogue)
    case .plain(let dialogue):
      return PlainSurface(dialogue, output: output, errors: errors, printer: printer, steps: steps)
    case .terminal(let dialogue, let terminal, let style):
      // At the prompt there is one stream; a script keeps its errors apart for `2>`.
      let errors: any Output = prompt ? terminal : self.errors
      return TerminalSurface(dialogue, errors: errors, printer: printer, steps: steps, style: style)
    }
  }
}

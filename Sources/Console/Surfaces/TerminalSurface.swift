package import PrimitiveKit

/// Shows a run to a person at a terminal.
package struct TerminalSurface: Surface {
  private let terminal: TerminalDialogue
  private let errors: any Output
  private let printer: ValuePrinter
  private let steps: NextSteps
  private let style: Style

  package var dialogue: any Dialogue { terminal }
  package var width: Int? { terminal.columns }

  package init(
    _ terminal: TerminalDialogue,
    errors: any Output,
    printer: ValuePrinter,
    steps: NextSteps,
    style: Style
  ) {
    self.terminal = terminal
    self.errors = errors
    self.printer = printer
    self.steps = steps
    self.style = style
  }

  package func printed(_ text: String) { terminal.write(text) }

  package func answered(_ values: [Value]) {
    if terminal.shownResult.covers(values) { return }
    if let text = printer.text(values, columns: terminal.columns) { terminal.write(text) }
  }

  package func failed(_ failure: CallFailure) {
    terminal.progress(nil)
    let lines = FailureText.lines(failure, style: style, columns: terminal.columns, steps: steps)
    errors.write(lines.joined(separator: "\n") + "\n")
  }

  package func warned(_ text: String) { terminal.write(text) }
}

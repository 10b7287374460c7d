package import PrimitiveKit

/// Shows a run in a pipe or a log: results on standard output, failures and progress on standard error.
package struct PlainSurface: Surface {
  private let plain: PlainDialogue
  private let output: any Output
  private let errors: any Output
  private let printer: ValuePrinter
  private let steps: NextSteps

  package var dialogue: any Dialogue { plain }

  package init(
    _ dialogue: PlainDialogue,
    output: any Output,
    errors: any Output,
    printer: ValuePrinter,
    steps: NextSteps = NextSteps([], isPrompt: false)
  ) {
    plain = dialogue
    self.output = output
    self.errors = errors
    self.printer = printer
    self.steps = steps
  }

  package func printed(_ text: String) { output.write(text + "\n") }

  package func printed(_ bytes: [UInt8]) { output.write(bytes + [UInt8(ascii: "\n")]) }

  package func answered(_ values: [Value]) {
    if plain.shownResult.covers(values) { return }
    // Nobody turns a page in a pipe: everything is shown.
    if let text = printer.text(values, columns: nil) { output.write(text + "\n") }
  }

  package func failed(_ failure: CallFailure) {
    dialogue.progress(nil)
    let lines = FailureText.lines(failure, style: Style(isColored: false), steps: steps)
    errors.write(lines.joined(separator: "\n") + "\n")
  }

  package func warned(_ text: String) { errors.write(text + "\n") }
}

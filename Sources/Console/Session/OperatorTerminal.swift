package import LineEditor
package import PrimitiveKit
import Synchronization

/// The terminal that the prompt, questions and output share.
package final class OperatorTerminal: Output {
  private struct State {
    var editor: (any LineEditor)?
    var isReading = false
  }

  private let terminal: any Output
  private let colored: Bool
  private let state = Mutex(State())

  /// Takes the output that stands for the terminal while nothing is being edited.
  package init(_ terminal: any Output, colored: Bool) {
    self.terminal = terminal
    self.colored = colored
  }

  package func write(_ text: String) {
    let editor = state.withLock { $0.isReading ? $0.editor : nil }
    guard let editor else { return terminal.write(text) }
    // A live line has no place beside the line under edit: only whole lines get through.
    if text.hasSuffix("\n") { editor.notify(text) }
  }

  /// Opens the line editor; a terminal has one.
  package func open(_ options: LineEditorOptions) async throws(LineEditorError) -> any LineEditor {
    if let editor = state.withLock({ $0.editor }) { return editor }
    let editor = try await StandardLineEditor.open(options: options, colours: colored)
    state.withLock { $0.editor = editor }
    return editor
  }

  /// Reads one entry of the prompt.
  func readLine(_ prompt: Prompt) async throws(LineEditorError) -> LineEntry {
    let editor = try await open(LineEditorOptions())
    state.withLock { $0.isReading = true }
    defer { state.withLock { $0.isReading = false } }
    return try await editor.readLine(prompt)
  }

  /// Asks a question; nil at the end of input.
  ///
  /// Throws `call.cancelled` on Ctrl-C and what the terminal throws.
  package func ask(_ question: String) async throws(CallFailure) -> String? {
    do throws(LineEditorError) {
      let editor = try await open(LineEditorOptions())
      state.withLock { $0.isReading = true }
      defer { state.withLock { $0.isReading = false } }
      switch try await editor.ask(question, echo: true) {
      case .line(let text): return text
      case .endOfInput: return nil
      case .interrupted: throw .cancelled
      }
    } catch {
      throw error == .cancelled ? .cancelled : CallFailure(error)
    }
  }

  /// Gives the terminal back.
  package func close() async { await state.withLock { $0.editor }?.close() }
}

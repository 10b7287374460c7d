/// Reads what an operator types, and prints around it.
package protocol LineEditor: Sendable {
  /// Reads one entry, which may span several lines.
  ///
  /// Throws ``LineEditorError/cancelled`` when the task is cancelled, ``LineEditorError/closed`` after ``close()``.
  func readLine(_ prompt: Prompt) async throws(LineEditorError) -> LineEntry

  /// Asks a one-line question: no history, no completion.
  ///
  /// With `echo` false nothing of the answer is shown. Throws as ``readLine(_:)`` does, and
  /// ``LineEditorError/notInteractive(question:)`` when nobody can answer.
  func ask(_ question: String, echo: Bool) async throws(LineEditorError) -> LineEntry

  /// Prints whole lines above the prompt, from any thread.
  ///
  /// The line being edited is painted again below them. A newline is added where the text lacks one. While nobody reads
  /// it writes at once, and waits as any writer does when the operator holds the terminal with Ctrl-S.
  func notify(_ text: String)

  /// Gives the terminal back and ends a read that waits.
  func close() async
}

/// What came of one prompt.
package enum LineEntry: Sendable, Equatable {
  /// The operator pressed Enter; holds newlines when the entry spans lines.
  case line(String)
  /// Ctrl-C: the entry was thrown away.
  case interrupted
  /// Ctrl-D on an empty entry, or the end of the input.
  case endOfInput
}

/// What a line editor asks of the language it edits.
package struct LineEditorOptions: Sendable {
  /// Where the history is kept; nil keeps it in memory, with one notice.
  package var historyFile: String?
  /// Tells whether Enter submits the text; false makes it a new line.
  package var isComplete: @Sendable (String) -> Bool
  /// Finds what may stand at a cursor, given as an offset into the UTF-8 text.
  package var complete: @Sendable (String, Int) -> Completion
  /// Turns an entry into what the history may keep: itself, a redacted form, or nil for nothing.
  package var remember: @Sendable (String) -> String?

  /// Makes options; without arguments every entry is complete and nothing is completed.
  package init(
    historyFile: String? = nil,
    isComplete: @escaping @Sendable (String) -> Bool = { _ in true },
    complete: @escaping @Sendable (String, Int) -> Completion = { _, cursor in Completion(replacementStart: cursor) },
    remember: @escaping @Sendable (String) -> String? = { $0 }
  ) {
    self.historyFile = historyFile
    self.isComplete = isComplete
    self.complete = complete
    self.remember = remember
  }
}

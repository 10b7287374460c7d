/// Opens the editor that suits standard input and output.
package enum StandardLineEditor {
  /// A ``TerminalLineEditor`` when both are terminals, else a ``PlainLineEditor``.
  ///
  /// Throws as ``TerminalLineEditor/init(options:colours:)`` does.
  package static func open(
    options: LineEditorOptions,
    colours: Bool = true
  ) async throws(LineEditorError) -> any LineEditor {
    guard TerminalLineEditor.isAvailable else { return PlainLineEditor(options: options) }
    return try await TerminalLineEditor(options: options, colours: colours)
  }

  /// Where the history is kept by default: `$XDG_STATE_HOME/opsh/history`, else below `$HOME`; nil without either.
  package static func historyPath(environment: [String: String]) -> String? {
    HistoryFile.defaultPath(environment: environment)
  }
}

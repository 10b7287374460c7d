import CEditLine
import Glibc

/// Edits lines on a terminal with libedit.
///
/// libedit is touched on this actor's own thread only. Between reads the terminal is as it was found, so that Ctrl-C is
/// a real SIGINT while something runs. One at a time a process, because the terminal is one.
package actor TerminalLineEditor: LineEditor {
  private nonisolated let thread: EditorThread
  private nonisolated let mailbox: Mailbox
  private let remember: @Sendable (String) -> String?
  private let colours: Bool
  private var history: History
  private var isHistoryLoaded = false
  private var session: EditLineSession?

  package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// Opens the editor on standard input and output; the first prompt loads the history.
  ///
  /// Colours in prompts are dropped with `colours` false and on a terminal without escapes. Throws
  /// ``LineEditorError/unusable(reason:)`` when the terminal cannot be set up, ``LineEditorError/alreadyOpen`` for a
  /// second editor.
  package init(options: LineEditorOptions, colours: Bool = true) async throws(LineEditorError) {
    thread = EditorThread(name: "line-editor")
    mailbox = Mailbox(output: STDOUT_FILENO)
    remember = options.remember
    let terminal = getenv("TERM").map { String(cString: $0) } ?? ""
    self.colours = colours && !terminal.isEmpty && terminal != "dumb"
    history = History(file: options.historyFile)
    session = try EditLineSession(options: options, mailbox: mailbox)
  }

  /// True when both standard input and standard output are terminals.
  package static var isAvailable: Bool { opsh_is_terminal(STDIN_FILENO, STDOUT_FILENO) }

  package func readLine(_ prompt: Prompt) async throws(LineEditorError) -> LineEntry {
    loadHistory()
    let rendered = prompt.rendered(colours: colours)
    let entry = try await reading { (session) throws(LineEditorError) in try session.read(rendered, question: false) }
    if case .line(let text) = entry { store(text) }
    return entry
  }

  package func ask(_ question: String, echo: Bool) async throws(LineEditorError) -> LineEntry {
    // libedit paints one line of prompt; what stands above it is printed.
    let lines = question.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
    for line in lines.dropLast() { mailbox.notify(line) }
    let prompt = lines.last ?? ""
    return try await reading { (session) throws(LineEditorError) in
      echo ? try session.read(prompt, question: true) : try session.readSecret(prompt)
    }
  }

  package nonisolated func notify(_ text: String) { mailbox.notify(text) }

  package nonisolated func close() async {
    mailbox.close()
    await finish()
  }

  private func finish() { session = nil }

  private func reading(
    _ body: (EditLineSession) throws(LineEditorError) -> LineEntry
  ) async throws(LineEditorError) -> LineEntry {
    guard let session, !mailbox.isClosed else { throw .closed }
    mailbox.beginReading()
    defer { mailbox.endReading() }
    let result = await withTaskCancellationHandler {
      do throws(LineEditorError) {
        return Result<LineEntry, LineEditorError>.success(try body(session))
      } catch {
        return .failure(error)
      }
    } onCancel: {
      mailbox.cancel()
    }
    return try result.get()
  }

  /// Waits for the first prompt: an editor that only asks questions needs no history and no notice about it.
  private func loadHistory() {
    guard !isHistoryLoaded, let session else { return }
    isHistoryLoaded = true
    for entry in history.load() { session.remember(entry) }
    announce(history.takeNotice())
  }

  private func store(_ text: String) {
    guard let kept = remember(text), history.add(kept) else { return }
    session?.remember(kept)
    announce(history.takeNotice())
  }

  private nonisolated func announce(_ notice: String?) {
    if let notice { mailbox.notify(notice) }
  }
}

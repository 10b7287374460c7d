import Glibc

/// Reads entries from an input that is no terminal: no prompt, no editing, no questions.
package actor PlainLineEditor: LineEditor {
  private nonisolated let thread: EditorThread
  private nonisolated let mailbox: Mailbox
  private let isComplete: @Sendable (String) -> Bool
  private var input = LineInput()

  package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// Reads from standard input; of the options only `isComplete` matters here.
  package init(options: LineEditorOptions) {
    thread = EditorThread(name: "line-reader")
    mailbox = Mailbox(output: STDOUT_FILENO)
    isComplete = options.isComplete
  }

  package func readLine(_ prompt: Prompt) async throws(LineEditorError) -> LineEntry {
    guard !mailbox.isClosed else { throw .closed }
    mailbox.forgetCancellation()
    let result = await withTaskCancellationHandler {
      readEntry()
    } onCancel: {
      mailbox.cancel()
    }
    return try result.get()
  }

  package func ask(_ question: String, echo: Bool) async throws(LineEditorError) -> LineEntry {
    throw .notInteractive(question: question)
  }

  package nonisolated func notify(_ text: String) { mailbox.notify(text) }

  package nonisolated func close() async { mailbox.close() }

  /// Joins lines until they make a complete entry; at the end of the input an incomplete one is handed on as it is.
  private func readEntry() -> Result<LineEntry, LineEditorError> {
    var lines: [String] = []
    while true {
      switch input.next(waking: mailbox) {
      case .line(let line):
        lines.append(line)
        let text = lines.joined(separator: "\n")
        if isComplete(text) { return .success(.line(text)) }
      case .end:
        return .success(lines.isEmpty ? .endOfInput : .line(lines.joined(separator: "\n")))
      case .stopped:
        return .failure(mailbox.isClosed ? .closed : .cancelled)
      case .failed:
        return .failure(.failed)
      }
    }
  }
}

/// Splits the bytes of standard input into lines.
private struct LineInput {
  enum Next {
    case line(String)
    case end
    case stopped
    case failed
  }

  private var buffer: [UInt8] = []
  private var atEnd = false

  mutating func next(waking mailbox: Mailbox) -> Next {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeSubrange(...end) }
        return .line(String(decoding: buffer[..<end], as: UTF8.self))
      }
      if atEnd {
        guard !buffer.isEmpty else { return .end }
        defer { buffer.removeAll() }
        return .line(String(decoding: buffer, as: UTF8.self))
      }
      var waiting = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&waiting, 2, -1) < 0 {
        if errno == EINTR { continue }
        return .failed
      }
      if waiting[1].revents != 0 {
        mailbox.drainWake()
        if mailbox.isCancelled || mailbox.isClosed { return .stopped }
      }
      if waiting[0].revents != 0, !fill() { return .failed }
    }
  }

  private mutating func fill() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let size = read(STDIN_FILENO, &chunk, chunk.count)
    if size < 0 { return errno == EINTR || errno == EAGAIN }
    atEnd = size == 0
    buffer += chunk.prefix(size)
    return true
  }
}

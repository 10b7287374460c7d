import CEditLine
import Glibc

/// Owns libedit and answers its callbacks.
///
/// A class because libedit keeps its address. It is not `Sendable`: one actor holds it, and the callbacks run inside
/// that actor's call to ``read(_:question:)``.
final class EditLineSession {
  private let mailbox: Mailbox
  private var behaviour: KeyBehaviour
  private var recall = Recall()
  private var editor: OpaquePointer?

  init(options: LineEditorOptions, mailbox: Mailbox) throws(LineEditorError) {
    self.mailbox = mailbox
    behaviour = KeyBehaviour(options: options)
    guard opsh_use_utf8_locale() else { throw .unusable(reason: "no UTF-8 locale, not even C.UTF-8") }
    guard mailbox.descriptor >= 0 else { throw .unusable(reason: String(cString: strerror(errno))) }
    let callbacks = opsh_line_callbacks(
      // Unretained: deinit destroys the editor, and with it the pointer.
      context: Unmanaged.passUnretained(self).toOpaque(),
      key: { context, key in EditLineSession.from(context)?.pressed(key) ?? OPSH_AFTER_BEEP },
      wake: { context in EditLineSession.from(context)?.woken() ?? false }
    )
    editor = opsh_line_editor_create(STDIN_FILENO, STDOUT_FILENO, mailbox.descriptor, callbacks)
    if editor == nil {
      if errno == EBUSY { throw .alreadyOpen }
      throw .unusable(reason: String(cString: strerror(errno)))
    }
  }

  deinit { opsh_line_editor_destroy(editor) }

  private static func from(_ context: UnsafeMutableRawPointer?) -> EditLineSession? {
    context.map { Unmanaged<EditLineSession>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Keeps an entry for the arrow keys and for the search.
  func remember(_ entry: String) {
    recall.add(entry)
    opsh_line_editor_add_history(editor, entry)
  }

  func read(_ prompt: String, question: Bool) throws(LineEditorError) -> LineEntry {
    behaviour.isQuestion = question
    recall.begin()
    var text: UnsafeMutablePointer<CChar>?
    let result = opsh_line_editor_read(editor, prompt, question, &text)
    defer { free(text) }
    return try entry(result, text)
  }

  func readSecret(_ prompt: String) throws(LineEditorError) -> LineEntry {
    var text: UnsafeMutablePointer<CChar>?
    let result = opsh_line_editor_read_secret(editor, prompt, &text)
    defer {
      if let text { explicit_bzero(text, strlen(text)) }
      free(text)
    }
    return try entry(result, text)
  }

  private func entry(
    _ result: opsh_read_result,
    _ text: UnsafeMutablePointer<CChar>?
  ) throws(LineEditorError) -> LineEntry {
    switch result {
    case OPSH_READ_LINE: return .line(text.map { String(cString: $0) } ?? "")
    case OPSH_READ_INTERRUPTED: return .interrupted
    case OPSH_READ_END_OF_INPUT: return .endOfInput
    case OPSH_READ_STOPPED: throw mailbox.isClosed ? .closed : .cancelled
    default: throw .failed
    }
  }

  private func woken() -> Bool {
    let (notices, goesOn) = mailbox.take()
    printAbove(notices)
    return goesOn
  }

  private func printAbove(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { opsh_line_editor_print_above(editor, $0.baseAddress, $0.count) }
    }
  }

  private func pressed(_ key: opsh_key) -> opsh_after {
    guard let key = EntryKey(key) else { return OPSH_AFTER_BEEP }
    let before = currentEntry()
    let effect = behaviour.effect(of: key, on: before)
    defer { if key == .interrupt { opsh_line_editor_run(editor, OPSH_COMMAND_SUBMIT) } }
    return perform(effect, on: before)
  }

  private func perform(_ effect: KeyEffect, on before: Entry) -> opsh_after {
    switch effect {
    case .edit(let after):
      apply(after, over: before)
      return OPSH_AFTER_REFRESH
    case .list(let candidates, let after):
      let lines = CandidateList(candidates: candidates).lines(columns: Int(opsh_line_editor_columns(editor)))
      printAbove(lines.joined(separator: "\n") + "\n")
      apply(after, over: before)
      return OPSH_AFTER_REFRESH
    case .submit(let after):
      apply(after, over: before)
      opsh_line_editor_run(editor, OPSH_COMMAND_SUBMIT)
      return OPSH_AFTER_REFRESH
    case .previousHistory: return show(recall.previous(from: before.text), over: before)
    case .nextHistory: return show(recall.next(from: before.text), over: before)
    case .deleteNext: return run(OPSH_COMMAND_DELETE_NEXT)
    case .killToLineEnd: return run(OPSH_COMMAND_KILL_TO_LINE_END)
    case .killToLineStart: return run(OPSH_COMMAND_KILL_TO_LINE_START)
    case .endOfInput: return OPSH_AFTER_END_OF_INPUT
    case .beep: return OPSH_AFTER_BEEP
    }
  }

  private func show(_ recalled: String?, over before: Entry) -> opsh_after {
    guard let recalled else { return OPSH_AFTER_BEEP }
    apply(Entry(recalled), over: before)
    return OPSH_AFTER_REFRESH
  }

  private func run(_ command: opsh_command) -> opsh_after {
    opsh_line_editor_run(editor, command)
    return OPSH_AFTER_NOTHING
  }

  private func currentEntry() -> Entry {
    var length = 0
    var cursor = 0
    let text = opsh_line_editor_text(editor, &length, &cursor)
    let scalars = UnsafeBufferPointer(start: text, count: length).map { Unicode.Scalar($0) ?? "\u{FFFD}" }
    return Entry(scalars: scalars, cursor: cursor)
  }

  /// Changes only what differs, so that libedit repaints little.
  private func apply(_ after: Entry, over before: Entry) {
    let same = zip(before.scalars, after.scalars).prefix { $0 == $1 }.count
    let tail = zip(before.scalars[same...].reversed(), after.scalars[same...].reversed()).prefix { $0 == $1 }.count
    let inserted = after.scalars[same..<(after.scalars.count - tail)].map(\.value)
    opsh_line_editor_edit(editor, same, before.scalars.count - tail - same, inserted, inserted.count, after.cursor)
  }
}

extension EntryKey {
  fileprivate init?(_ key: opsh_key) {
    switch key {
    case OPSH_KEY_ENTER: self = .enter
    case OPSH_KEY_NEWLINE: self = .newline
    case OPSH_KEY_TAB: self = .tab
    case OPSH_KEY_UP: self = .up
    case OPSH_KEY_DOWN: self = .down
    case OPSH_KEY_LINE_START: self = .lineStart
    case OPSH_KEY_LINE_END: self = .lineEnd
    case OPSH_KEY_KILL_TO_END: self = .killToEnd
    case OPSH_KEY_KILL_TO_START: self = .killToStart
    case OPSH_KEY_INTERRUPT: self = .interrupt
    case OPSH_KEY_DELETE_OR_END: self = .deleteOrEnd
    default: return nil
    }
  }
}

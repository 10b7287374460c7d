import LineEditor
import LuaRuntime
import PrimitiveKit
import Reference

/// Reads, runs and shows, until the operator leaves.
package struct PromptLoop: Sendable {
  private let terminal: OperatorTerminal
  private let evaluator: Evaluator
  private let surface: any Surface
  private let control: SessionControl
  private let face: PromptFace

  package init(
    terminal: OperatorTerminal,
    evaluator: Evaluator,
    surface: any Surface,
    control: SessionControl,
    face: PromptFace
  ) {
    self.terminal = terminal
    self.evaluator = evaluator
    self.surface = surface
    self.control = control
    self.face = face
  }

  /// Answers the exit status: 0 after Ctrl-D, what `exit` was given otherwise.
  package func run() async -> Int32 {
    let banner = face.banner.map { WrappedText.folded($0.harmless, within: surface.dialogue.columns) }
    terminal.write(banner.joined(separator: "\n") + "\n")
    var last = Value.null
    while true {
      switch await read() {
      case .failure(let error):
        surface.failed(CallFailure(error))
        return ExitCode.internalError.rawValue
      case .success(.endOfInput): return ExitCode.ok.rawValue
      case .success(.interrupted): continue
      case .success(.line(let text)):
        guard text.contains(where: { !$0.isWhitespace }) else { continue }
        let chunk = Chunk(source: text, name: Self.chunkName, kind: .typed, globals: ["_": last])
        show(await evaluator.run(chunk), of: chunk, &last)
        if let status = control.exitStatus { return status }
      }
    }
  }

  private func read() async -> Result<LineEntry, LineEditorError> {
    do throws(LineEditorError) {
      return .success(try await terminal.readLine(Prompt(face.pieces)))
    } catch {
      return .failure(error)
    }
  }

  private func show(_ result: Result<[Value], CallFailure>, of chunk: Chunk, _ last: inout Value) {
    switch result {
    case .success(let values):
      if let value = values.first { last = value }
      if !chunk.isSilenced { surface.answered(values) }
    case .failure(let failure):
      if control.exitStatus == nil { fail(failure, of: chunk.source) }
    }
  }

  /// Shows a failure; where a mistake of syntax stands is marked below the entry.
  private func fail(_ failure: CallFailure, of text: String) {
    var failure = failure
    let isOneLine = !text.contains(where: \.isNewline)
    if failure.mark == .syntax, let mark = SyntaxMark(text, isInvalid: isInvalid) {
      let indent = isOneLine ? Prompt(face.pieces).plain : ""
      let caret = String(repeating: " ", count: DisplayWidth.of(indent + mark.text.prefix(mark.column))) + "^"
      // A caret under a wrapped line would point at something else.
      if caret.count <= surface.dialogue.columns { surface.warned(isOneLine ? caret : "\(mark.text)\n\(caret)") }
      failure.message = Self.message(failure.message, naming: mark)
    }
    if failure.mark == .syntax, let hint = NextSteps.hint(insteadOf: text) { failure.hint = hint }
    surface.failed(isOneLine ? Self.withoutPlace(failure) : failure)
  }

  private func isInvalid(_ text: String) -> Bool {
    if case .invalid = evaluator.completeness(of: text) { true } else { false }
  }

  /// Lua complains about a statement; where the entry was meant as an expression, it stumbles at another place.
  private static func message(_ message: String, naming mark: SyntaxMark) -> String {
    guard message.contains(" near "), !message.hasSuffix("'\(mark.token)'"), !message.hasSuffix("<eof>") else {
      return message
    }
    return message.contains(mark.token)
      ? message : "\(Self.place):\(mark.line + 1): unexpected symbol near '\(mark.token)'"
  }

  private static let place = "prompt"
  private static let chunkName = "=\(place)"

  /// Everybody knows that the one line above is meant.
  private static func withoutPlace(_ failure: CallFailure) -> CallFailure {
    var failure = failure
    let prefix = "\(place):1"
    if failure.trace == [prefix] { failure.trace = [] }
    if failure.message.hasPrefix(prefix + ": ") { failure.message.removeFirst(prefix.count + 2) }
    return failure
  }
}

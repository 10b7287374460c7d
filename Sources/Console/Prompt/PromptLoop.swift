import LineEditor
import PrimitiveKit

/// Reads, runs and shows, until the operator leaves.
package struct PromptLoop: Sendable {
  private let desk: OperatorDesk
  private let evaluator: Evaluator
  private let surface: any Surface
  private let control: SessionControl
  private let face: PromptFace

  package init(
    desk: OperatorDesk,
    evaluator: Evaluator,
    surface: any Surface,
    control: SessionControl,
    face: PromptFace
  ) {
    self.desk = desk
    self.evaluator = evaluator
    self.surface = surface
    self.control = control
    self.face = face
  }

  /// Answers the exit status: 0 after Ctrl-D, what `exit` was given otherwise.
  package func run() async -> Int32 {
    desk.write(face.banner.joined(separator: "\n") + "\n")
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
        let chunk = Chunk(source: text, name: "prompt", kind: .typed, globals: ["_": last])
        show(await evaluator.run(chunk), of: text, &last)
        if let status = control.exitStatus { return status }
      }
    }
  }

  private func read() async -> Result<LineEntry, LineEditorError> {
    do throws(LineEditorError) {
      return .success(try await desk.readLine(Prompt(face.pieces)))
    } catch {
      return .failure(error)
    }
  }

  private func show(_ result: Result<[Value], CallFailure>, of text: String, _ last: inout Value) {
    switch result {
    case .success(let values):
      if let value = values.first { last = value }
      if !Self.isSilenced(text) { surface.answered(values) }
    case .failure(let failure):
      if control.exitStatus == nil { surface.failed(failure) }
    }
  }

  /// Whether the entry ends in `;`.
  private static func isSilenced(_ text: String) -> Bool {
    text.last { !$0.isWhitespace } == ";"
  }
}

import LuaRuntime
package import PrimitiveKit

/// Runs scripts without a prompt.
package struct Batch: Sendable {
  private let evaluator: Evaluator
  private let surface: any Surface
  private let notes: NotedExit
  private let control: SessionControl
  private let isOutputLost: @Sendable () -> Bool

  /// `isOutputLost` says whether the operator was told that nothing more can be written, which ends what works then.
  package init(
    evaluator: Evaluator,
    surface: any Surface,
    notes: NotedExit,
    control: SessionControl,
    isOutputLost: @escaping @Sendable () -> Bool
  ) {
    self.evaluator = evaluator
    self.surface = surface
    self.notes = notes
    self.control = control
    self.isOutputLost = isOutputLost
  }

  /// Whether a script asked to leave: nothing more is run.
  package var isLeaving: Bool { control.exitStatus != nil }

  /// Shows a failure that leaves the exit status as it is.
  package func tell(_ failure: CallFailure) { surface.failed(failure) }

  /// Runs work of opsh's own and answers the exit status.
  package func run(_ work: @escaping @Sendable () async throws(CallFailure) -> [Value]) async -> Int32 {
    let result = await evaluator.run(work)
    if let status = control.exitStatus { return status }
    switch result {
    case .success(let values): surface.answered(values)
    case .failure(let failure):
      show(failure)
      notes.note(ExitCode(failure: failure))
    }
    return notes.worst.rawValue
  }

  /// Where the output is lost, "cancelled" adds nothing; what is still running does.
  private func show(_ failure: CallFailure) {
    let isBare = failure.failureClass == .cancelled && failure.mark == .cancelled && failure.hint == nil
    if isBare, isOutputLost() { return }
    surface.failed(failure)
  }

  /// Runs the chunks in order and answers the exit status; the first failure ends it.
  package func run(_ chunks: [Chunk]) async -> Int32 {
    for chunk in chunks {
      let result = await evaluator.run(chunk)
      if let status = control.exitStatus { return status }
      switch result {
      case .success(let values):
        if chunk.kind == .typed, !chunk.isSilenced { surface.answered(values) }
      case .failure(let failure):
        show(failure.hintingAtSyntax)
        notes.note(ExitCode(failure: failure))
        return notes.worst.rawValue
      }
    }
    return notes.worst.rawValue
  }
}

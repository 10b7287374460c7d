import PrimitiveKit

extension Job {
  /// Walks through what a step did, for the undo functions of the steps in it; nothing is done again.
  ///
  /// Throws `run.collected` where the run had not got further.
  nonisolated func collect(
    _ path: String,
    _ row: JobStep?,
    _ options: StepOptions,
    _ body: (String) async throws(CallFailure) -> Value
  ) async throws(CallFailure) {
    for attempt in 1...max(1, row?.attempt ?? 1) {
      let inner = attempt == 1 ? path : "\(path)~\(attempt)"
      guard await hasRows(under: inner) else { continue }
      // It ended as the journal says, whatever this walk ends with.
      _ = await CallFailure.result { () async throws(CallFailure) in try await body(inner) }
    }
    if let undo = options.undo, let row, !row.isOK {
      // Begun and not succeeded: what it did until then is there.
      await register(Undo(path: path, number: undo, result: nil))
    }
    if row?.end == nil {
      await overrun()
      throw Job.collected
    }
  }

  /// Ends the walk through a run whose undo functions are wanted.
  static let collected = CallFailure(.cancelled, code: "run.collected", message: "the rest of the run did not happen")
}

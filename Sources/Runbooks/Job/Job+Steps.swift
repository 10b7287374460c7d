import Journal
import PrimitiveKit

extension Job {
  /// Runs the body of a step, once: a resumed run gets what is recorded.
  ///
  /// Throws what the body threw, now or the first time, and `run.interrupted`, `journal.*`, `lock.lost`.
  nonisolated func step(_ name: String, body: Int, _ options: StepOptions, in scope: RunScope) async throws(CallFailure)
    -> Value
  {
    let path = try scope.path(of: name)
    try await begin(path, name)
    return try await perform(path, options) { attempt throws(CallFailure) in
      try await self.call(body, [], at: attempt, in: scope, withJob: true, timeout: options.timeout)
    }
  }

  /// One step: from the journal, or by its body, as often as options and operator allow.
  nonisolated func perform(
    _ path: String,
    _ options: StepOptions,
    choices: [FailureDecision] = [.retry, .skip, .abort, .rollback],
    isRelease: Bool = false,
    _ body: (String) async throws(CallFailure) -> Value
  ) async throws(CallFailure) -> Value {
    let row = await row(path)
    await hashed(path, options)
    if mode == .collecting { try await collect(path, row, options, body) }
    switch row?.end {
    case .ok(let result)?:
      if let undo = options.undo { await register(Undo(path: path, number: undo, result: result)) }
      try await noteAgain(path, attempt: row?.attempt ?? 1)
      return result
    case .skipped?:
      noteSkipped(path, row?.end)
      return .null
    case .failed(let failure)?:
      try await replay(failure, at: path, row?.attempt ?? 1, options)
      throw failure
    case nil: break
    }
    do throws(CallFailure) {
      try await checkInterrupted()
      if !isRelease, let failure = await failures.abort { throw failure }
      return try await attempt(path, options, row?.attempt ?? 1, choices, body)
    } catch {
      if mode == .live, error.leavesStepOpen, error.mark != .cancelled { await refuse(error) }
      throw error
    }
  }

  /// A failure that was tolerated is one all the same.
  private nonisolated func noteSkipped(_ path: String, _ end: StepEnd?) {
    guard mode == .live else { return }
    var why = "step '\(path)' was skipped"
    if case .skipped(let reason)? = end, !reason.isEmpty { why += ": \(reason)" }
    RunScope.current?.context.noted?.note(ExitNote(.failuresWithinBudget, why: why))
  }

  private nonisolated func attempt(
    _ path: String,
    _ options: StepOptions,
    _ first: Int,
    _ choices: [FailureDecision],
    _ body: (String) async throws(CallFailure) -> Value
  ) async throws(CallFailure) -> Value {
    var attempt = first
    // What was spent before a crash stays spent; whoever resumes a failed run gives it the same number again.
    var tries = ((attempt - 1) / options.attempts + 1) * options.attempts
    while true {
      try await open(path, options, attempt: attempt)
      do throws(CallFailure) {
        var result = try await body(attempt == 1 ? path : "\(path)~\(attempt)")
        if mode == .dry, let predicted = options.predict, result.firstUnknown != nil { result = predicted }
        try await close(path, .ok(result))
        if let undo = options.undo { await register(Undo(path: path, number: undo, result: result)) }
        return result
      } catch {
        if mode == .dry, let predicted = options.predict, error.mark == .unpredictable { return predicted }
        if error.leavesStepOpen { throw error }
        // Nobody is asked about a run that is being stopped: whoever resumes it is.
        try await checkInterrupted()
        var decision = FailureDecision.retry
        if attempt < tries, await failures.abort == nil {
          try await pause(options.pause)
        } else {
          decision = try await decide(path, attempt, error, options, choices)
        }
        switch decision {
        case .retry, .exclude:
          attempt += 1
          tries = max(tries, attempt)
          try await reopen(under: path, excluding: decision == .exclude)
        case .skip:
          await forgetFailures(under: path)
          let end = StepEnd.skipped(reason: error.message)
          try await close(path, end)
          noteSkipped(path, end)
          return .null
        case .abort, .rollback:
          await note(error, at: path, options)
          try await close(path, .failed(error))
          throw error
        }
      }
    }
  }
}

extension CallFailure {
  /// Whether the step itself is not to blame: the run stops, and the step is continued on resume.
  var leavesStepOpen: Bool {
    isOfJournal || isGivenUp || mark == .unpredictable
  }
}

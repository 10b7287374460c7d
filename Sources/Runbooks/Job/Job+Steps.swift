import Journal
import PrimitiveKit

extension Job {
  /// Runs the body of a step, once: a resumed run gets what is written down.
  ///
  /// Throws what the body threw, now or the first time, and `run.interrupted`, `journal.*`, `lock.lost`.
  nonisolated func step(_ name: String, body: Int, _ options: StepOptions, in scope: JobScope) async throws(CallFailure)
    -> Value
  {
    let path = try scope.path(of: name)
    try await begin(path, name)
    return try await perform(path, options, in: scope) { attempt throws(CallFailure) in
      try await self.call(body, [], at: attempt, withJob: true, timeout: options.timeout)
    }
  }

  /// One step: from the journal, or by its body, as often as options and operator allow.
  nonisolated func perform(
    _ path: String,
    _ options: StepOptions,
    in scope: JobScope,
    choices: [FailureDecision] = [.retry, .skip, .abort, .rollback],
    _ body: (String) async throws(CallFailure) -> Value
  ) async throws(CallFailure) -> Value {
    let row = await row(path)
    switch row?.end {
    case .ok(let result)?:
      if let undo = options.undo { await register(Undo(path: path, number: undo, result: result)) }
      return result
    case .skipped?: return .null
    case .failed(let failure)?: throw failure
    case nil: break
    }
    if mode == .collecting { throw Job.collected }
    var attempt = row?.attempt ?? 1
    var tries = attempt + options.attempts - 1
    while true {
      try await open(path, options, attempt: attempt)
      do throws(CallFailure) {
        let result = try await body(attempt == 1 ? path : "\(path)~\(attempt)")
        try await close(path, .ok(result))
        if let undo = options.undo { await register(Undo(path: path, number: undo, result: result)) }
        return result
      } catch {
        if mode == .dry, let predicted = options.predict, error.code == "plan.inexact" { return predicted }
        if error.leavesStepOpen { throw error }
        var decision = FailureDecision.retry
        if attempt < tries, await !isEnding {
          try await pause(options.pause)
        } else {
          decision = try await decide(path, attempt, error, options, choices)
        }
        switch decision {
        case .retry, .exclude:
          attempt += 1
          tries = max(tries, attempt)
          await forgetFailing(under: path)
          try await reopen(under: path, excluding: decision == .exclude)
        case .skip:
          await forgetFailing(under: path)
          try await close(path, .skipped(reason: error.message))
          return .null
        case .abort, .rollback:
          await note(failed: path)
          try await close(path, .failed(error))
          throw error
        }
      }
    }
  }

  /// Calls a Lua body inside a step.
  nonisolated func call(
    _ body: Int,
    _ arguments: [Value],
    at path: String,
    withJob: Bool,
    timeout: Duration? = nil,
    isQuiet: Bool = false
  ) async throws(CallFailure) -> Value {
    var context = context
    context.run = run
    context.step = path
    context.noted = noted
    if isQuiet { context.isQuiet = true }
    let given = context
    let scope = JobScope(job: self, path: path)
    let invoke = invoke
    let work: @Sendable () async -> Result<Value, CallFailure> = {
      await JobScope.$current.withValue(scope) {
        await CallContext.$current.withValue(given) {
          await LuaInvoker.result { () async throws(CallFailure) in
            try await invoke.body(body, arguments, withJob: withJob)
          }
        }
      }
    }
    guard let timeout, mode == .live else { return try await work().get() }
    return try await within(timeout, path, work)
  }

  private nonisolated func within(
    _ timeout: Duration,
    _ path: String,
    _ work: @escaping @Sendable () async -> Result<Value, CallFailure>
  ) async throws(CallFailure) -> Value {
    let clock = run.world.clock
    let first = await withTaskGroup(of: Result<Value, CallFailure>?.self) { group in
      group.addTask { await work() }
      group.addTask {
        try? await clock.sleep(for: timeout)
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      // What the body was doing is part of the story: it ends before anybody decides.
      while await group.next() != nil {}
      return first
    }
    if let first { return try first.get() }
    throw CallFailure(
      code: "step.timeout",
      message: "step '\(path)' was not done within \(timeout.words)",
      hint: "what it was doing may still go on; `run(\"\(run.id)\")` lists it"
    )
  }

  nonisolated func pause(_ duration: Duration) async throws(CallFailure) {
    guard duration > .zero, mode == .live else { return }
    do {
      try await run.world.clock.sleep(for: duration)
    } catch {
      throw .cancelled
    }
  }

  /// Ends the replay of a run whose undo functions are wanted.
  static let collected = CallFailure(code: "run.collected", message: "the rest of the run never happened")
}

extension CallFailure {
  /// Whether it says nothing about the step itself: the run stops, and the step is continued on resume.
  var leavesStepOpen: Bool {
    isOfJournal
      || ["run.interrupted", "run.collected", "call.cancelled", "plan.inexact", "session.exit"].contains(code)
  }
}

import Foundations
import Journal
import PrimitiveKit

extension Job {
  /// Calls a Lua body inside a step, with what its scope may do.
  ///
  /// What a look (`isLook`) notes counts for nothing: its answer is all that it is asked for.
  nonisolated func call(
    _ body: Int,
    _ arguments: [Value],
    at path: String,
    in scope: RunScope,
    withJob: Bool,
    timeout: Duration? = nil,
    isQuiet: Bool = false,
    tolerance: Tolerance = .budget,
    isLook: Bool = false
  ) async throws(CallFailure) -> Value {
    var context = scope.context
    context.step = path
    if isLook { context.noted = NotedExit(passesOn: false) }
    if isQuiet { context.isQuiet = true }
    // What may leave nothing behind may do so nowhere below.
    context.tolerance = scope.context.tolerance == .none ? .none : tolerance
    let (invoke, given) = (invoke, RunScope(job: self, context: context))
    let body: @Sendable (RunScope) async throws(CallFailure) -> Value = { scope throws(CallFailure) in
      let work: @Sendable () async -> Result<Value, CallFailure> = {
        await scope.enter { () async throws(CallFailure) in try await invoke.body(body, arguments, withJob: withJob) }
      }
      if let timeout, self.mode == .live { return try await self.within(timeout, path, work) }
      return try await work().get()
    }
    if isLook { return try await body(given) }
    return try await noting(at: path, in: given, body)
  }

  /// Collects what `body` notes in an attempt, and hands it on and keeps it where that went well: a failure has a code of
  /// its own.
  nonisolated func noting(
    at attempt: String,
    in scope: RunScope,
    _ body: (RunScope) async throws(CallFailure) -> Value
  ) async throws(CallFailure) -> Value {
    var context = scope.context
    let noted = NotedExit(passesOn: false)
    context.noted = noted
    let inner = RunScope(job: self, context: context)
    let answer = await RunScope.$current.withValue(inner) {
      await CallFailure.result { () async throws(CallFailure) in try await body(inner) }
    }
    let value = try answer.get()
    // A step is one of several: a call of which nothing succeeded leaves the run a partial success.
    let note = noted.sum.asPart
    if mode == .live { try await keep(note, at: attempt) }
    scope.context.noted?.note(note)
    return value
  }

  /// Keeps what calls of an attempt noted: whoever resumes the run ends it as it would have ended without a break.
  private nonisolated func keep(_ noted: ExitNote, at attempt: String) async throws(CallFailure) {
    guard noted.code != .ok else { return }
    _ = try await run.recorded(Job.notedKey, at: attempt) { noted }
  }

  /// Notes what an earlier process noted in the attempt that ended a step.
  nonisolated func noteAgain(_ path: String, attempt: Int) async throws(CallFailure) {
    guard mode == .live, let journal else { return }
    let key = Job.notedKey(of: path, attempt: attempt)
    guard let text = try await journal.kept(key, of: [run.id])[run.id] else { return }
    RunScope.current?.context.noted?.note(try OperationCoding().decode(ExitNote.self, from: text))
  }

  /// Where the notes of an attempt at a step are kept.
  static func notedKey(of path: String, attempt: Int) -> String {
    (attempt == 1 ? path : "\(path)~\(attempt)") + "/\(notedKey)"
  }

  // A name that no call records: steps are written with a slash.
  private static let notedKey = "noted"

  private nonisolated func within(
    _ timeout: Duration,
    _ path: String,
    _ work: @escaping @Sendable () async -> Result<Value, CallFailure>
  ) async throws(CallFailure) -> Value {
    let clock = run.world.clock
    let first = await withTaskGroup(of: Result<Value, CallFailure>?.self) { group in
      group.addTask { await work() }
      group.addTask {
        // Cancelled together with the work: then the time is not up.
        guard (try? await clock.sleep(for: timeout)) != nil else { return .failure(.cancelled) }
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
      .failed,
      code: "step.timeout",
      message: "step '\(path)' did not finish within \(timeout.words)",
      hint: "its commands may still be running; `run(\"\(run.id)\")` lists them",
      ending: .budgetBreached
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

  /// Throws why nothing new begins, once that is so.
  nonisolated func checkInterrupted() async throws(CallFailure) {
    if mode == .live, let failure = await run.stopped { throw failure }
  }
}

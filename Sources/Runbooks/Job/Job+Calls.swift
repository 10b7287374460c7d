import Foundations
import Journal
import PrimitiveKit

extension Job {
  /// Calls a Lua body inside a step, with what its scope may do.
  nonisolated func call(
    _ body: Int,
    _ arguments: [Value],
    at path: String,
    in scope: RunScope,
    withJob: Bool,
    timeout: Duration? = nil,
    isQuiet: Bool = false,
    tolerance: Tolerance = .budget
  ) async throws(CallFailure) -> Value {
    var context = scope.context
    context.step = path
    // What an attempt noted counts only where it went well: a failure has a code of its own.
    let outer = context.noted
    let attempt = NotedExit(passesOn: false)
    context.noted = attempt
    if isQuiet { context.isQuiet = true }
    // What may leave nothing behind may do so nowhere below.
    context.tolerance = scope.context.tolerance == .none ? .none : tolerance
    let scope = RunScope(job: self, context: context)
    let invoke = invoke
    let work: @Sendable () async -> Result<Value, CallFailure> = {
      await scope.enter { () async throws(CallFailure) in try await invoke.body(body, arguments, withJob: withJob) }
    }
    let answer: Value
    if let timeout, mode == .live {
      answer = try await within(timeout, path, work)
    } else {
      answer = try await work().get()
    }
    // A step is one of several: a call of which nothing succeeded leaves the run a partial success.
    let note = attempt.sum.asPart
    if mode == .live { try await keep(note, at: path) }
    outer?.note(note)
    return answer
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

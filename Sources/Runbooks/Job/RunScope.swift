import PrimitiveKit

/// Where in which run a call of a runbook is made; task local, so that bodies that run at once keep apart.
///
/// The run, the step and what may be done there are those of the call's context and are said once.
struct RunScope: Sendable {
  @TaskLocal static var current: RunScope?

  let job: Job
  /// What calls in it may do, in whose name, and in which step.
  let context: CallContext

  /// The path of the step; empty in the runbook's own functions.
  var path: String { context.step }

  /// The same at another step.
  func at(_ path: String) -> RunScope {
    var context = context
    context.step = path
    return RunScope(job: job, context: context)
  }

  /// Calls `body` there.
  func enter<Answer: Sendable>(
    _ body: () async throws(CallFailure) -> Answer
  ) async -> Result<Answer, CallFailure> {
    await RunScope.$current.withValue(self) {
      await CallContext.$current.withValue(context) { await CallFailure.result(body) }
    }
  }

  /// The scope of the call, or the error of a call outside of any job.
  static func require() throws(CallFailure) -> RunScope {
    guard let current else {
      throw CallFailure(
        .invalid,
        code: "runbook.outside",
        message: "a job can be used only while its runbook is running",
        hint: "call it inside `check`, `run`, `verify` or `undo`, not from anything that outlives them"
      )
    }
    return current
  }

  /// The path of a step in this scope.
  ///
  /// Throws `runbook.argument` for a name that is empty or has a `/`, `~` or control character in it.
  func path(of name: String) throws(CallFailure) -> String {
    let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 32 && $0 != "/" && $0 != "~" && $0 != "#" }
    guard !name.isEmpty, isPlain, name.utf8.count <= 120 else {
      throw CallFailure(
        .invalid,
        code: "runbook.argument",
        message: "\(Value.string(name).literal) cannot be the name of a step",
        hint: "use a few words without / ~ or #, at most 120 bytes"
      )
    }
    return path.isEmpty ? name : "\(path)/\(name)"
  }
}

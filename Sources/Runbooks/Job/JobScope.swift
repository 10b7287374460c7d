import PrimitiveKit

/// Where in a job a call is made; task local, so that bodies that run at once keep apart.
struct JobScope: Sendable {
  @TaskLocal static var current: JobScope?

  let job: Job
  /// The path of the step; empty in the runbook's own functions.
  let path: String
  /// What calls in it may do, and in whose name.
  let context: CallContext

  /// The scope of the call, or the error of a call outside of any job.
  static func require() throws(CallFailure) -> JobScope {
    guard let current else {
      throw CallFailure(
        .invalid,
        code: "runbook.outside",
        message: "a job can be used only while its runbook is running",
        hint: "call it in `check`, `run`, `verify` or `undo`, not from what outlives them"
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
        message: "\(Value.string(name).literal) is no name for a step",
        hint: "a few words without / ~ or #, at most 120 bytes"
      )
    }
    return path.isEmpty ? name : "\(path)/\(name)"
  }
}

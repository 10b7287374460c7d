extension CallFailure: Codable {
  private enum CodingKeys: String, CodingKey {
    case failureClass = "class"
    case mark, code, message, hint, trace, ending
  }

  /// Reads a failure, also one that was written before failures had a class.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let code = try fields.decode(String.self, forKey: .code)
    let old = UnclassedFailure(code)
    // A newer opsh may know a class or a mark that this one does not.
    let word = try fields.decodeIfPresent(String.self, forKey: .failureClass)
    let mark = try fields.decodeIfPresent(String.self, forKey: .mark)
    let ending = try fields.decodeIfPresent(Int32.self, forKey: .ending)
    self.init(
      word.map { FailureClass(rawValue: $0) ?? .failed } ?? old.failureClass,
      word == nil ? old.mark : mark.flatMap(FailureMark.init(rawValue:)),
      code: code,
      message: try fields.decode(String.self, forKey: .message),
      hint: try fields.decodeIfPresent(String.self, forKey: .hint),
      trace: try fields.decodeIfPresent([String].self, forKey: .trace) ?? [],
      ending: word == nil ? old.ending : ending.flatMap(ExitCode.init(rawValue:))
    )
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(failureClass.rawValue, forKey: .failureClass)
    try fields.encodeIfPresent(mark?.rawValue, forKey: .mark)
    try fields.encode(code, forKey: .code)
    try fields.encode(message, forKey: .message)
    try fields.encodeIfPresent(hint, forKey: .hint)
    try fields.encode(trace, forKey: .trace)
    try fields.encodeIfPresent(ending?.rawValue, forKey: .ending)
  }
}

/// What the code of a failure meant before failures had a class: for what older versions left in a journal.
///
/// Only codes that could end an operation or a step were ever stored.
private struct UnclassedFailure {
  let failureClass: FailureClass
  var mark: FailureMark?
  var ending: ExitCode?

  init(_ code: String) {
    switch code {
    case "host.timeout": (failureClass, mark) = (.unknownOutcome, .timedOut)
    case "call.cancelled": (failureClass, mark) = (.unknownOutcome, .cancelled)
    case "host.lost", "host.run_died", "change.unknown", "run.unknown_outcome", "rollout.unknown":
      failureClass = .unknownOutcome
    case "host.stale_epoch": (failureClass, mark) = (.refused, .lockLost)
    case "host.write_failed": (failureClass, mark) = (.refused, .notKept)
    case "host.locked", "host.input_cut", "host.tool_missing", "host.run_differs", "host.drift", "lock.refused":
      failureClass = .refused
    case "host.unreachable", "change.unreachable", "rollout.unreachable": failureClass = .unavailable
    case "change.failed", "deploy.partial", "job.deadline", "job.ensure", "step.timeout", "runbook.verify":
      (failureClass, ending) = (.failed, .budgetBreached)
    case "rollout.halted": (failureClass, mark, ending) = (.failed, .halted, .budgetBreached)
    case "rollout.interrupted": (failureClass, mark, ending) = (.cancelled, .interrupted, .interrupted)
    case "internal.error": failureClass = .defect
    case let code where code.hasPrefix("journal."): failureClass = .journal
    case let code where code.hasPrefix("host."): failureClass = .failed
    default: failureClass = .invalid
    }
  }
}

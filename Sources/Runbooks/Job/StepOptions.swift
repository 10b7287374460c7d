import PrimitiveKit

/// The options of a step, as the runbook gave them.
struct StepOptions: Sendable {
  var undo: Int?
  /// How often it is tried, and the pause between, in seconds.
  var attempts = 1
  var pause = Duration.zero
  var timeout: Duration?
  /// What the step answers in a dry run where that cannot be known.
  var predict: Value?
  var onFailure: FailurePolicy?
  /// The data among the options: what a changed runbook is compared by.
  let data: Value

  /// Throws `runbook.argument` naming the option.
  init(_ value: Value, of step: String) throws(CallFailure) {
    data = value
    if case .int(let number) = value["undo"] { undo = number }
    switch value["retry"] {
    case .null: break
    case .int(let count) where count >= 0: attempts = count + 1
    case .table(let fields):
      guard case .int(let count)? = fields["attempts"], count >= 1 else {
        throw StepOptions.wrong("retry", of: step, "{ attempts = 3, pause = 5 }", value["retry"])
      }
      attempts = count
      if let pause = fields["pause"] { self.pause = try StepOptions.duration(pause, "retry.pause", of: step) }
    default: throw StepOptions.wrong("retry", of: step, "a number of retries", value["retry"])
    }
    if value["timeout"] != .null { timeout = try StepOptions.duration(value["timeout"], "timeout", of: step) }
    if value["predict"] != .null { predict = value["predict"] }
    if case .string(let text) = value["on_failure"] {
      guard let policy = FailurePolicy(rawValue: text) else {
        throw StepOptions.wrong("on_failure", of: step, "\"stop\", \"rollback\" or \"skip\"", value["on_failure"])
      }
      onFailure = policy
    }
  }

  /// Stable over processes: numbers of functions are left out.
  var hash: String {
    var fields = data.tableFields
    for name in ["undo", "gate"] { fields[name] = fields[name] == nil ? nil : .bool(true) }
    let text = (try? OperationCoding().encode(Value.table(fields))) ?? ""
    return SHA256(hashing: text.utf8).hex
  }

  static func duration(_ value: Value, _ name: String, of step: String) throws(CallFailure) -> Duration {
    do {
      let duration = try Duration(value)
      if duration >= .zero { return duration }
    } catch {}
    throw wrong(name, of: step, "seconds, or text such as \"2m\"", value)
  }

  static func wrong(_ name: String, of step: String, _ expected: String, _ found: Value) -> CallFailure {
    CallFailure(
      .invalid,
      code: "runbook.argument",
      message: "step '\(step)': '\(name)' should be \(expected), got \(found.literal)"
    )
  }
}

import PrimitiveKit

/// A change that did not succeed everywhere, and whether that is the caller's to look at.
struct PartialChange {
  /// A host or bot on which it did not succeed.
  struct Part {
    /// `unsent` where a fault of this machine kept it from being sent.
    enum Class { case failed, unreachable, unknown, unsent }

    let name: String
    let kind: Class
    let why: String
    /// What to do about it, where that is known.
    var hint: String?
    /// Whether a latch kept it as it is.
    var isWithheld = false
  }

  let primitive: String
  /// How many hosts or bots it was for.
  let count: Int
  let parts: [Part]
  /// The option of the call: true raises, false answers; nil leaves it to whoever calls.
  let check: Bool?
  /// Whether a runbook is taken to rely on it; what only looks is asked for its answer.
  var isRelied = true

  /// Whether the call raises.
  private var isRaised: Bool { check ?? (isRelied && CallContext.current.tolerance != .any) }

  /// Throws `change.unknown`, `change.unreachable`, `change.not_sent` or `change.failed` when the caller does not look itself.
  ///
  /// Else it notes the exit code. With `check = false` the caller answers for it, and the history says what was tolerated.
  func settle(_ dialogue: any Dialogue) throws(CallFailure) {
    guard !parts.isEmpty else { return }
    if isRaised { throw failure }
    guard check == nil else { return dialogue.note(ExitNote(.ok, why: "\(failure.message) (tolerated: check=false)")) }
    let isUnreached = parts.count == count && parts.allSatisfy { $0.kind == .unreachable }
    let code: ExitCode = isUnknown ? .unknownOutcomes : isUnreached ? .unreachableBudget : .failuresWithinBudget
    dialogue.note(ExitNote(code, why: failure.message, isTotal: parts.count == count))
  }

  /// The failure of a change that left these bots as they should not be; nil for none.
  static func shortfall(_ bots: [BotStatus]) -> CallFailure? {
    guard !bots.isEmpty else { return nil }
    let parts = bots.map { Part($0) }
    let words = parts.map { "\($0.name) \($0.why)" }.joined(separator: "; ")
    if parts.contains(where: { $0.kind != .failed }) {
      return CallFailure(.unknownOutcome, code: "change.unknown", message: words)
    }
    if bots.allSatisfy({ $0.isRefused == true }) {
      return CallFailure(.refused, .withheld, code: "change.withheld", message: words)
    }
    return CallFailure(.failed, code: "change.failed", message: words)
  }

  private var isUnknown: Bool { parts.contains { $0.kind == .unknown } }

  private var failure: CallFailure {
    func areAll(_ kind: Part.Class) -> Bool { parts.allSatisfy { $0.kind == kind } }
    let shown = parts.prefix(8).map { "\($0.name): \($0.why)" } + (parts.count > 8 ? ["\(parts.count - 8) more"] : [])
    let words = shown.joined(separator: "; ")
    let message =
      count == 1 ? "\(primitive): \(words)" : "\(primitive) did not succeed on \(parts.count) of \(count): \(words)"
    let hint = "with check=false the call returns its reports and the runbook decides"
    if isUnknown { return CallFailure(.unknownOutcome, code: "change.unknown", message: message, hint: hint) }
    if areAll(.unreachable) {
      return CallFailure(.unavailable, code: "change.unreachable", message: message, hint: hint)
    }
    // No host has a part in it, so no budget is charged.
    if areAll(.unsent) {
      return CallFailure(.refused, .local, code: "change.not_sent", message: message, hint: parts[0].hint ?? hint)
    }
    if parts.allSatisfy(\.isWithheld) {
      return CallFailure(.refused, .withheld, code: "change.withheld", message: message, hint: hint)
    }
    // Nothing of it may fail.
    return CallFailure(.failed, code: "change.failed", message: message, hint: hint, ending: .budgetBreached)
  }
}

extension PartialChange.Part.Class {
  /// By the word of a report; every word but these two is a failure.
  init(_ state: String) { self = state == "unknown" ? .unknown : state == "unreachable" ? .unreachable : .failed }
}

extension CallFailure {
  /// How a host or a bot is reported on which a change ended like this: `unknown`, `unreachable` or `failed`.
  ///
  /// A host that answered and did not do it was reached.
  var reportedState: String { leavesUnknown ? "unknown" : failureClass == .unavailable ? "unreachable" : "failed" }
}

extension PartialChange.Part {
  init(_ name: String, _ failure: CallFailure) {
    let kind = failure.isLocal ? Class.unsent : Class(failure.reportedState)
    self.init(name: name, kind: kind, why: failure.reason(on: name), hint: failure.hint)
  }

  /// What is wrong with a command that did not end well; nil when it did.
  init?(_ report: CommandReport, isChange: Bool) {
    guard !report.isOK else { return nil }
    switch report.state {
    case "finished":
      let how = report.status.map { "status \(HostOutput.Ending.words($0))" } ?? "signal \(report.signal ?? "unknown")"
      let said = PartialChange.Part.lastLine(report.errorOutput) ?? PartialChange.Part.lastLine(report.output)
      self.init(name: report.host, kind: .failed, why: said.map { "\(how): \($0)" } ?? how)
    case let state:
      let isUnknown = isChange && (state == "unknown" || state == "timed out")
      let kind: Class = isUnknown ? .unknown : state == "unreachable" ? .unreachable : .failed
      self.init(
        name: report.host,
        kind: report.isUnsent == true ? .unsent : kind,
        why: "\(state): \(report.detail)",
        hint: report.hint
      )
    }
  }

  /// A bot that is not in the state that was asked for.
  init(_ bot: BotStatus) {
    let why = bot.note.isEmpty ? "is \(bot.state)" : "is \(bot.state): \(bot.note)"
    self.init(
      name: "\(bot.bot) on \(bot.host)",
      kind: bot.isUnsent == true ? .unsent : Class(bot.state),
      why: bot.state == "failed" ? bot.note : why
    )
    isWithheld = bot.isRefused == true
  }

  private static func lastLine(_ output: [UInt8]) -> String? {
    output.split(separator: UInt8(ascii: "\n")).last.map { SafeText.line($0) }
  }
}

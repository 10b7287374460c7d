package import PrimitiveKit
import Rollout

/// What `fleet.deploy` answers: the report, or in a dry run the predicted operations.
struct DeployAnswer: Answered, Sendable {
  let value: Value

  static var luaType: String { DeployReport.luaType }
  static var fields: [FieldInfo] { DeployReport.fields }
}

/// How a deploy ended: every host in one class, every bot in one class.
package struct DeployReport: Record, Sendable {
  let run: String
  let request: DeployRequest
  let rollout: RolloutReport
  let verification: Verification?
  let seconds: Double

  package static var luaType: String { "fleet.Deploy" }
  package static let columns: [Column<Self>] = [
    Column(\.run, "run", "Id of the run"),
    Column(\.result, "result", "Success, Partial, Halted or Cancelled"),
    Column(\.request.image.name, "image", "The image that was rolled out"),
    Column(\.rollout.results.count, "hosts", "Hosts of the target; the classes add up to it"),
    Column(\.rollout.tally.errors, "errors", "Hosts that failed or are unhealthy"),
    Column("seconds", "How long it took") { Int($0.seconds.rounded()) },
    Column("classes", "Hosts by outcome class", type: "table<string, string[]>") { report in
      let classes = OutcomeClass.allCases.map { ($0.rawValue, report.rollout.items($0).value) }
      return Value.table(Dictionary(classes, uniquingKeysWith: { $1 }))
    },
    Column("details", "Why hosts are not ok", type: "table<string, string>") { report in
      let details = report.rollout.results.filter { !$0.detail.isEmpty }.map { ($0.item, $0.detail.value) }
      return Value.table(Dictionary(details, uniquingKeysWith: { $1 }))
    },
    Column(\.verification, "verification", "The bots afterwards"),
    Column("exit_code", "The exit code of batch mode") { Int($0.exitCode.rawValue) },
  ]

  /// One word for the result line; success needs every bot proven on the image (G-01).
  var result: String {
    switch rollout.halt {
    case .cancelled, .detached: "Cancelled"
    case .some: "Halted"
    case nil: exitCode == .ok ? "Success" : "Partial"
    }
  }

  var exitCode: ExitCode {
    let code = rollout.exitCode
    guard code == .ok else { return code }
    let isLeftOut = rollout.tally.excluded > 0
    guard let verification, !isLeftOut else { return isLeftOut ? .failuresWithinBudget : .ok }
    return verification.isComplete ? .ok : .failuresWithinBudget
  }

  /// What its run says of it where it is no plain success.
  var note: ExitNote {
    guard exitCode != .ok else { return .ok }
    return ExitNote(exitCode, why: "deploy of \(request.image.name): \(missing)", isTotal: rollout.tally.ok == 0)
  }

  /// The failure a script gets when the rollout did not run to its end.
  var failure: CallFailure? {
    rollout.failure(
      "the deploy of \(request.image.name) stopped after \(rollout.tally.finished) of "
        + rollout.results.count.counted("host"),
      hint: hint
    )
  }

  /// The failure of a caller that wants all of it; nil when every bot is proven.
  var shortfall: CallFailure? {
    guard exitCode != .ok else { return nil }
    let details = rollout.results.filter { $0.outcomeClass != .ok && !$0.detail.isEmpty }.prefix(3)
    let words = details.map { "\($0.item): \($0.detail)" }
    let message = "the deploy of \(request.image.name): \(([missing] + words).joined(separator: "; "))"
    return switch exitCode {
    case .unknownOutcomes: CallFailure(.unknownOutcome, code: "change.unknown", message: message, hint: hint)
    case _ where rollout.tally.unreachable == rollout.results.count:
      CallFailure(.unavailable, code: "change.unreachable", message: message, hint: hint)
    default: CallFailure(.failed, code: "deploy.partial", message: message, hint: hint, ending: .budgetBreached)
    }
  }

  private var hint: String {
    let untouched = rollout.items(.skipped)
    let rest = untouched.isEmpty ? "" : "not started: \(NameSet(names: untouched).folded); "
    return rest + "`fleet.verify{ target = \"\(request.target)\", image = \"\(request.image.name)\" }` shows every bot"
  }

  /// The result line of seed 001, and a line for each class that is not ok.
  func render() -> String {
    let tally = rollout.tally
    var lines = [
      "--- result: \(result) (\(tally.ok)/\(rollout.results.count), \(tally.errors.counted("error")), \(Int(seconds.rounded()))s)"
    ]
    if let halt = rollout.halt { lines.append("    stopped: \(halt.text)") }
    for outcome in OutcomeClass.allCases where outcome != .ok && tally[outcome] > 0 {
      let hosts = rollout.items(outcome)
      lines.append("    \(outcome.rawValue): \(NameSet(names: hosts).folded) (\(hosts.count))")
      let details = rollout.results.filter {
        $0.outcomeClass == outcome && !$0.detail.isEmpty && $0.detail != "not started"
      }
      for result in details.prefix(3) { lines.append("      \(result.item): \(result.detail)") }
      if details.count > 3 { lines.append("      … and \(details.count - 3) more") }
    }
    return lines.joined(separator: "\n")
  }

  /// The last line: success only when every bot of every host is proven on the image and logged in (G-01).
  var closing: String {
    if exitCode == .ok, let bots = verification?.bots.count {
      return bots == 1
        ? "✅ the bot runs \(request.image.name) and is logged in"
        : "✅ all \(bots) bots run \(request.image.name) and are logged in"
    }
    return "✗ \(result): \(missing) (exit code \(exitCode.rawValue))"
  }

  /// What is missing to success, in a few words.
  private var missing: String {
    let tally = rollout.tally
    var words: [String] = []
    if let verification {
      let bots = verification.bots.count
      let missing = bots - verification.onVersion
      if missing > 0 { words.append("\(missing) of \(bots.counted("bot")) not on \(request.image.name)") }
      if !verification.notLoggedIn.isEmpty { words.append("\(verification.notLoggedIn.count) not logged in") }
    }
    for outcome in OutcomeClass.allCases where outcome != .ok && tally[outcome] > 0 {
      words.append("\(tally[outcome].counted("host")) \(outcome == .excluded ? "left out" : outcome.rawValue)")
    }
    if words.isEmpty { words.append(rollout.halt?.text ?? "not verified") }
    return words.joined(separator: ", ")
  }
}

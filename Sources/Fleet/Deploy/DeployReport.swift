package import PrimitiveKit
import Rollout

/// What `fleet.deploy` answers: the report, or in a dry run the predicted operations.
struct DeployAnswer: Record, Sendable {
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
  package static var fields: [FieldInfo] {
    [
      FieldInfo("run", "string", "Id of the run"),
      FieldInfo("result", "string", "Success, Partial, Halted or Cancelled"),
      FieldInfo("image", "string", "The image that was rolled out"),
      FieldInfo("hosts", "integer", "Hosts of the target; the classes sum to it"),
      FieldInfo("errors", "integer", "Hosts that failed or are unhealthy"),
      FieldInfo("seconds", "integer", "How long it took"),
      FieldInfo("classes", "table<string, string[]>", "Hosts by outcome class"),
      FieldInfo("details", "table<string, string>", "What was said of hosts that are not ok"),
      FieldInfo("verification", "fleet.Verification?", "The bots afterwards"),
      FieldInfo("exit_code", "integer", "What batch exits with"),
    ]
  }

  package var value: Value {
    let tally = rollout.tally
    var classes: [String: Value] = [:]
    for outcome in OutcomeClass.allCases { classes[outcome.rawValue] = rollout.items(outcome).value }
    let details = rollout.results.filter { !$0.detail.isEmpty }.map { ($0.item, $0.detail.value) }
    return .table([
      "run": run.value, "result": result.value, "image": request.image.name.value,
      "hosts": rollout.results.count.value, "errors": tally.errors.value, "seconds": Int(seconds.rounded()).value,
      "classes": .table(classes), "details": .table(Dictionary(details, uniquingKeysWith: { $1 })),
      "verification": verification?.value ?? .null, "exit_code": Int(exitCode.rawValue).value,
    ])
  }

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

  /// The failure a script gets when the rollout did not run to its end.
  var failure: CallFailure? {
    rollout.failure(
      "the deploy of \(request.image.name) stopped after \(rollout.tally.finished) of \(rollout.results.count) hosts",
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

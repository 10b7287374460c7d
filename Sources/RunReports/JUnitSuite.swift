import Foundation
import PrimitiveKit

/// The `testsuite` of one runbook.
struct JUnitSuite {
  let report: RunReport
  let machine: String

  /// Checks, steps, then the exactness of the plan and the outcome.
  var cases: [JUnitCase] {
    (report.checks + report.steps).map(JUnitCase.init) + [exactness, outcome].compactMap(\.self)
  }

  func element(id: Int) -> XMLElement {
    let cases = cases
    var suite = XMLElement(name: "testsuite")
    suite.attributes = [
      ("name", report.file),
      ("package", report.name),
      ("id", "\(id)"),
      ("timestamp", JUnitSuite.timestamp(report.started)),
      ("hostname", machine),
      ("tests", "\(cases.count)"),
      ("failures", "\(cases.count { $0.verdict.isFailure })"),
      ("errors", "\(cases.count { $0.verdict.isError })"),
      ("skipped", "\(cases.count { $0.verdict.isSkipped })"),
      ("time", JUnitReport.time(report.seconds)),
    ]
    suite.children = [XMLElement(name: "properties", children: properties)]
    suite.children += cases.map { $0.element(of: report.name) }
    // The schemas ask for both.
    suite.children += [XMLElement(name: "system-out", text: inexactLines), XMLElement(name: "system-err")]
    return suite
  }

  private var properties: [XMLElement] {
    var pairs: [(String, String)] = [("mode", report.mode.rawValue), ("exit_code", "\(report.exitCode.rawValue)")]
    if let version = report.version { pairs.append(("version", version)) }
    if let run = report.run { pairs.append(("run", run)) }
    if let exactness = report.exactness { pairs.append(("exactness", JUnitSuite.percent(exactness))) }
    if let floor = report.floor { pairs.append(("floor", JUnitSuite.percent(floor))) }
    pairs += report.operations.sorted { $0.key < $1.key }.map { ("operations.\($0.key)", "\($0.value)") }
    return pairs.map { XMLElement(name: "property", attributes: [("name", $0.0), ("value", $0.1)]) }
  }

  private var inexactLines: String { report.inexact.map { "\($0.place): \($0.what)" }.joined(separator: "\n") }

  /// Nil where no plan was made.
  private var exactness: JUnitCase? {
    guard let exactness = report.exactness else { return nil }
    let name = "plan exactness"
    guard report.isBelowFloor, let floor = report.floor else { return JUnitCase(name, seconds: 0, .ok) }
    let problem = JUnitCase.Problem(
      message:
        "\(JUnitSuite.percent(exactness)) of the changes are predicted; the minimum is \(JUnitSuite.percent(floor))",
      type: "plan.inexact",
      text: inexactLines
    )
    return JUnitCase(name, seconds: 0, .failure(problem))
  }

  /// Always there, so that no run that failed looks green; of a spec that was run every case says it.
  private var outcome: JUnitCase? {
    if report.mode == .spec, report.failure == nil { return nil }
    let code = report.exitCode
    guard code != .ok || report.failure != nil else { return JUnitCase("outcome", seconds: report.seconds, .ok) }
    let problem =
      report.failure.map { JUnitCase.Problem($0) }
      ?? JUnitCase.Problem(message: "exit code \(code.rawValue): \(code)", type: "exit.\(code.rawValue)", text: "")
    return JUnitCase("outcome", seconds: report.seconds, code.isOfTheCaller ? .error(problem) : .failure(problem))
  }

  /// Rounded down, so that what is below a floor never looks like it.
  private static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded(.down)
    return String(format: tenths.truncatingRemainder(dividingBy: 10) == 0 ? "%.0f %%" : "%.1f %%", tenths / 10)
  }

  /// UTC, without its zone: the schemas have none.
  private static func timestamp(_ date: Date) -> String {
    date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: false))
  }
}

extension ExitCode {
  /// Whether nothing was learned about the runbook's own work.
  fileprivate var isOfTheCaller: Bool { [.usage, .dataInvalid, .internalError].contains(self) }
}

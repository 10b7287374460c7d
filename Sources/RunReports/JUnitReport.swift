import Foundation

/// Reports as JUnit XML, in the shape that GitLab, Jenkins and the reporters of GitHub read.
///
/// A runbook is a `testsuite`; its checks, its steps, the exactness of its plan and its outcome are a `testcase` each.
package struct JUnitReport: Sendable {
  private let document: ReportDocument

  package init(_ document: ReportDocument) { self.document = document }

  /// The XML document.
  package var xml: String {
    let suites = document.runbooks.map { JUnitSuite(report: $0, machine: document.machine) }
    let cases = suites.flatMap(\.cases)
    var root = XMLElement(name: "testsuites")
    root.attributes = [
      ("name", document.site.map { "opsh \($0)" } ?? "opsh"),
      ("tests", "\(cases.count)"),
      ("failures", "\(cases.count { $0.verdict.isFailure })"),
      ("errors", "\(cases.count { $0.verdict.isError })"),
      ("time", JUnitReport.time(document.runbooks.map(\.seconds).reduce(0, +))),
    ]
    root.children = suites.enumerated().map { $0.element.element(id: $0.offset) }
    return (["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"] + root.lines()).joined(separator: "\n") + "\n"
  }

  /// Seconds with three decimals; what is no number is 0.
  static func time(_ seconds: Double) -> String { String(format: "%.3f", seconds.isFinite ? max(0, seconds) : 0) }
}

import Foundation
import PrimitiveKit
import Subprocess
import Testing

@testable import Checks

/// What `opsh check --prometheus` prints is what Prometheus reads.
struct ExpositionTests {
  /// Everything that a finding may have in it.
  private static let findings: [Finding] = {
    let subjects = ["", "web001", #"a"b\c"#, "line\nbreak", "tab\tx", "ümlaut 日本", "}{=,"]
    let levels = CheckLevel.allCases
    return subjects.enumerated().flatMap { index, subject in
      ["desk.fill", "desk.age"].map { Finding.test($0, subject, levels[index % levels.count]) }
    }
  }()

  @Test func `the text follows the format to the letter`() {
    let text = MonitoringText.prometheus(ExpositionTests.findings, at: 1_800_000_000.5)
    #expect(ExpositionFormat.problems(of: text) == [])
    #expect(text.contains("\nopsh_check_last_run_timestamp_seconds 1800000000.5\n"))
    // UNKNOWN is a level, not a missing line.
    let unknown = ExpositionTests.findings.count { $0.level == .unknown }
    #expect(
      unknown > 0
        && text.split(separator: "\n").count { $0.hasPrefix("opsh_check_level") && $0.hasSuffix(" 3") } == unknown
    )
    #expect(ExpositionFormat.problems(of: MonitoringText.prometheus([], at: 1)) == [])
  }

  @Test(arguments: [
    ("a 1", "does not end"), ("# HELP a b\r\n# TYPE a gauge\r\na 1\r\n", "carriage return"),
    ("# HELP a b\n# HELP a b\n# TYPE a gauge\na 1\n", "HELP of a stands twice"),
    ("# HELP a b\n# TYPE a gauge\n# TYPE a gauge\na 1\n", "TYPE of a stands twice"),
    ("# HELP a b\n# TYPE a gauge\na 1\n# HELP a b\n", "after a sample"), ("# TYPE a gauge\na 1\n", "no HELP"),
    ("# HELP a b\na 1\n", "no TYPE"), ("# HELP a-b c\n# TYPE a-b gauge\na-b 1\n", "no name of a metric"),
    ("# HELP a b\n# TYPE a gauge\na 1,5\n", "no number"), ("# HELP a b\n# TYPE a gauge\na\n", "no number"),
    ("# HELP a b\n# TYPE a info\na 1\n", "the type 'info'"),
    ("# HELP a b\n# TYPE a gauge\na{x=\"\\t\"} 1\n", "labels that cannot be read"),
    ("# HELP a b\n# TYPE a gauge\na{x=\"1\" 1\n", "labels that cannot be read"),
    ("# HELP a b\n# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n", "the label x stands twice"),
    ("# HELP a b\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 2\n", "the sample stands twice"),
    ("# HELP a b\n# TYPE a gauge\na 1\n# HELP b b\n# TYPE b gauge\nb 1\na{x=\"1\"} 1\n", "the family a is split"),
    ("# HELP a b\n# TYPE a counter\na 1\n", "does not end in _total"),
    ("# HELP a_total b\n# TYPE a_total gauge\na_total 1\n", "ends in _total"),
    ("# HELP aB b\n# TYPE aB gauge\naB 1\n", "against the customs"),
  ])
  func `what breaks a scrape is found`(text: String, problem: String) {
    let problems = ExpositionFormat.problems(of: text)
    #expect(problems.contains { $0.contains(problem) }, "\(problems)")
  }

  private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool", ".build/promtool/promtool"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  @Test(.enabled(if: promtool != nil, "promtool is not installed"))
  func `promtool has nothing to say`() async throws {
    var program = Subprocess(path: try #require(ExpositionTests.promtool), arguments: ["check", "metrics"])
    program.input = Array(MonitoringText.prometheus(ExpositionTests.findings, at: 1_800_000_000.5).utf8)
    program.timeout = .seconds(30)
    let ending = try await program.run()
    #expect(ending.status == 0, "\(String(decoding: ending.output + ending.errorOutput, as: UTF8.self))")
  }
}

import PrimitiveKit
import Testing

@testable import Checks

/// What monitoring systems read.
struct MonitoringTextTests {
  private let checks: [JudgedCheck] = [
    judged("a.fill", ok: [.to(80)], bad: [.above(95)]), judged("b.rows", ok: [.between(3, 9)], bad: []),
  ]

  private static func judged(_ name: String, ok: [Threshold], bad: [Threshold]) -> JudgedCheck {
    JudgedCheck(Check(CheckDeclaration(name, "It", unit: "%", ok: ok, bad: bad, age: .seconds(60))) { _ in [] })
  }

  private func findings(_ fill: Double?, _ rows: Double?, rowsAt: Double = 998) -> [Finding] {
    [
      checks[0].finding(Measured(fill, subject: "web\"1|x='"), asked: 1000, now: 1000),
      checks[1].finding(Measured(rows, at: rowsAt), asked: 1000, now: 1000),
    ].sorted(by: Finding.isWorse)
  }

  @Test(
    arguments: [
      (10.0, 5.0, ExitCode.ok), (81, 5, .failuresWithinBudget), (96, nil, .budgetBreached), (10, nil, .planInexact),
      (nil, 5, .planInexact), (81, nil, .planInexact), (.nan, 5, .planInexact),
    ] as [(Double?, Double?, ExitCode)]
  )
  func `it exits as monitoring plugins do`(fill: Double?, rows: Double?, code: ExitCode) {
    #expect(MonitoringText.status(.worst(findings(fill, rows).map(\.level))) == code)
    #expect(MonitoringText.status(.worst([])) == .planInexact)
  }

  @Test func `one line sums up, with performance data, and one line follows for each finding`() {
    #expect(
      MonitoringText.plugin(findings(96, nil), checks) == """
        BAD: 2 findings: 1 BAD, 1 UNKNOWN | 'a.fill web"1|x-'''=96;~:80;~:95
        BAD a.fill web"1/x=': 96 %; BAD is more than 95
        UNKNOWN b.rows: there is no value
        """
    )
  }

  @Test func `Prometheus text escapes labels and leaves out what is not known`() {
    #expect(
      MonitoringText.prometheus(findings(96, nil), at: 1000) == """
        # HELP opsh_check_level Level of a finding: 0 OK, 1 WARN, 2 BAD, 3 UNKNOWN.
        # TYPE opsh_check_level gauge
        opsh_check_level{check="a.fill",subject="web\\"1|x='",unit="%"} 2
        opsh_check_level{check="b.rows",unit="%"} 3
        # HELP opsh_check_value What a check measured, in the unit of its label.
        # TYPE opsh_check_value gauge
        opsh_check_value{check="a.fill",subject="web\\"1|x='",unit="%"} 96
        # HELP opsh_check_age_seconds How old the value is.
        # TYPE opsh_check_age_seconds gauge
        opsh_check_age_seconds{check="a.fill",subject="web\\"1|x='",unit="%"} 0
        # HELP opsh_check_last_run_timestamp_seconds When the checks were last measured.
        # TYPE opsh_check_last_run_timestamp_seconds gauge
        opsh_check_last_run_timestamp_seconds 1000

        """
    )
  }

  @Test func `a stale value is not handed to a system that would not see its age`() {
    let stale = findings(10, 5, rowsAt: 900)
    #expect(stale.first?.level == .unknown && stale.first?.value == 5)
    #expect(!MonitoringText.prometheus(stale, at: 1000).contains("opsh_check_value{check=\"b.rows\""))
    #expect(!MonitoringText.plugin(stale, checks).contains("'b.rows'"))
  }
}

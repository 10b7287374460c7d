import PrimitiveKit
import Testing

@testable import Fleet
@testable import Rollout

struct DeployReportTests {
  /// How hosts ended, why it stopped, how the bots stand; and what that makes (G-01).
  struct Case: Sendable, CustomTestStringConvertible {
    var ok = 3
    var failed = 0
    var unknown = 0
    var unreachable = 0
    var excluded = 0
    var skipped = 0
    var halt: HaltReason?
    /// Bots not on the image, and bots not logged in.
    var stale = 0
    var out = 0
    let result: String
    let exit: ExitCode
    var testDescription: String { "\(result) \(exit) (\(halt?.text ?? "to the end"))" }
  }

  static let cases = [
    Case(result: "Success", exit: .ok),
    Case(out: 1, result: "Partial", exit: .failuresWithinBudget),
    Case(stale: 1, result: "Partial", exit: .failuresWithinBudget),
    Case(ok: 2, excluded: 1, result: "Partial", exit: .failuresWithinBudget),
    Case(ok: 2, failed: 1, result: "Partial", exit: .failuresWithinBudget),
    Case(ok: 2, unreachable: 1, result: "Partial", exit: .failuresWithinBudget),
    Case(ok: 2, unknown: 1, result: "Partial", exit: .unknownOutcomes),
    Case(
      ok: 0,
      failed: 1,
      skipped: 2,
      halt: .budget(.errors, spent: 1, allowed: 0, full: 0),
      result: "Halted",
      exit: .budgetBreached
    ),
    Case(ok: 1, skipped: 2, halt: .gate("no logins"), result: "Halted", exit: .budgetBreached),
    Case(
      ok: 0,
      unreachable: 3,
      halt: .budget(.unreachable, spent: 3, allowed: 2, full: 2),
      result: "Halted",
      exit: .unreachableBudget
    ),
    Case(
      ok: 1,
      unknown: 1,
      skipped: 1,
      halt: .budget(.unknown, spent: 1, allowed: 0, full: 0),
      result: "Halted",
      exit: .unknownOutcomes
    ),
    Case(ok: 1, skipped: 2, halt: .cancelled, result: "Cancelled", exit: .interrupted),
    Case(ok: 1, unknown: 2, halt: .detached, result: "Cancelled", exit: .interrupted),
  ]

  static func report(_ given: Case) throws -> DeployReport {
    let models = try FleetOfModels(hosts: 3, bots: 3)
    let request = try models.request(DeployArguments(target: "all"))
    var results: [ItemResult] = []
    let classes: [(Int, OutcomeClass, String)] = [
      (given.ok, .ok, ""), (given.failed, .failed, "bot1 went back"), (given.unknown, .unknown, "lost"),
      (given.unreachable, .unreachable, "refused"), (given.excluded, .excluded, "known down: refused"),
      (given.skipped, .skipped, "not started"),
    ]
    for (count, outcome, detail) in classes {
      for _ in 0..<count {
        results.append(ItemResult(item: "web00\(results.count + 1)", outcomeClass: outcome, detail: detail))
      }
    }
    let bots = (0..<3).map { index in
      let image = index < given.stale ? "v1" : "v2"
      return BotStatus(
        bot: "bot\(index + 1)",
        host: "web00\(index + 1)",
        state: "running",
        image: image,
        digest: FleetOfModels.digests[image] ?? "",
        login: index < given.out ? "waiting" : "yes",
        note: ""
      )
    }
    return DeployReport(
      run: "20261121-114502-6ca32b16",
      request: request,
      rollout: RolloutReport(policy: request.policy, seed: 1, results: results, halt: given.halt),
      verification: Verification(bots, image: request.image),
      seconds: 61.4
    )
  }

  @Test(arguments: cases) func `success is claimed only when every bot is proven`(_ given: Case) throws {
    let report = try Self.report(given)
    #expect(report.result == given.result)
    #expect(report.exitCode == given.exit)
    #expect((report.failure != nil) == (given.halt != nil))
    if let failure = report.failure { #expect(ExitCode(failure: failure) == given.exit) }
    #expect(report.closing.hasPrefix("✅") == (given.exit == .ok), "\(report.closing)")
    #expect(report.value["exit_code"] == Int(given.exit.rawValue).value)
  }

  @Test(arguments: cases.filter { $0.exit != .ok })
  func `the closing line of anything else says why`(_ given: Case) throws {
    let closing = try Self.report(given).closing
    #expect(!closing.contains(":  ("), "\(closing)")
    #expect(closing.hasSuffix("(exit code \(given.exit.rawValue))"))
  }

  @Test(arguments: cases) func `the classes sum to the hosts`(_ given: Case) throws {
    let value = try Self.report(given).value
    let classes = try #require(value["classes"].fields.values.map { try? [String]($0) } as? [[String]])
    #expect(value["hosts"] == classes.map(\.count).reduce(0, +).value)
  }

  @Test func `the result names every class that is not ok`() throws {
    let report = try Self.report(
      Case(ok: 1, failed: 1, excluded: 1, skipped: 2, halt: .gate("no logins"), result: "", exit: .ok)
    )
    #expect(
      report.render() == """
        --- result: Halted (1/5, 1 error, 61s)
            stopped: a gate failed: no logins
            failed: web002 (1)
              web002: bot1 went back
            skipped: web[004-005] (2)
            excluded: web003 (1)
              web003: known down: refused
        """
    )
  }

  @Test func `a halted deploy says what was not started`() throws {
    let report = try Self.report(Case(ok: 1, skipped: 2, halt: .gate("no logins"), result: "", exit: .ok))
    #expect(report.failure?.message == "the deploy of v2 stopped after 1 of 3 hosts: a gate failed: no logins")
    #expect(report.failure?.hint?.hasPrefix("not started: web[002-003]; ") == true)
  }
}

import Foundation
import PrimitiveKit

extension Subcommand {
  /// `opsh check`: what monitoring systems call.
  static var check: Subcommand {
    Subcommand(
      "check",
      "measures checks and exits as a monitoring plugin does",
      CommandArgument<[String]>.words("NAME", "a check, or a pattern such as 'host.*'", completion: .named("checks")),
      CommandArgument<Bool>.flag("prometheus", "print the text format of Prometheus"),
      CommandArgument<Bool>.flag("opsh-codes", "exit with opsh's own codes when checking itself fails"),
      exits: [
        CommandExit(.ok, "every finding is OK"), CommandExit(.failuresWithinBudget, "the worst is WARN"),
        CommandExit(.budgetBreached, "the worst is BAD"),
        CommandExit(.planInexact, "something is UNKNOWN and nothing BAD, or checking itself failed"),
      ],
      examples: [
        Example("opsh check host.disk", "one check"), Example("opsh check 'host.*' --prometheus", "for a scrape"),
      ],
      isMonitoring: true
    ) { call, names, isPrometheus, _ async throws(CallFailure) in
      let checks = try call.surroundings.checkList.selected(by: names)
      let findings = try await CheckRunner(call.surroundings).findings(of: checks)
      let code = MonitoringText.status(.worst(findings.map(\.level)))
      if code != .ok { call.dialogue.note(code) }
      if call.isJSON { return [findings.value] }
      let now = call.surroundings.world.now().timeIntervalSince1970
      call.write(
        isPrometheus ? MonitoringText.prometheus(findings, at: now) : MonitoringText.plugin(findings, checks) + "\n"
      )
      return []
    }
  }
}

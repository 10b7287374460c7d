package import PrimitiveKit
import RunbookHeader
package import Runs

/// How a runbook is started.
package struct RunbookStart: Sendable {
  /// Reads for real, changes nothing.
  package var isDry = false
  /// For practice: performed and guarded like any run, and recorded as a drill.
  package var isDrill = false
  /// A plan that must still hold.
  package var apply: PlanFile?
  /// Where the plan is written to.
  package var planOut: String?
  /// What happens when a step fails and nobody is asked; nil leaves it to the runbook.
  package var onFailure: FailurePolicy?
  /// Is told of the plan and the run as soon as there is one, whatever comes of it.
  package var onPlan: @Sendable (Plan, String) -> Void = { _, _ in }

  package init(
    isDry: Bool = false,
    isDrill: Bool = false,
    apply: PlanFile? = nil,
    planOut: String? = nil,
    onFailure: FailurePolicy? = nil
  ) {
    self.isDry = isDry
    self.isDrill = isDrill
    self.apply = apply
    self.planOut = planOut
    self.onFailure = onFailure
  }
}

extension RunbookStart {
  /// What happens with a step that fails without a policy of its own, where nobody is asked.
  func policy(of book: RunbookFile) -> FailurePolicy {
    onFailure ?? FailurePolicy(rawValue: book.header.policy.onFailure.rawValue) ?? .stop
  }
}

/// What came of a runbook.
package struct RunbookResult: Sendable {
  package let run: String
  /// Nil for what has none: a single call, a rollback.
  package let plan: Plan?
  /// What its `run` answered.
  package let value: Value
  package let exitCode: ExitCode
}

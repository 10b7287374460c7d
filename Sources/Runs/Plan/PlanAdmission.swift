package import PrimitiveKit

/// Decides whether a plan may be performed now.
package protocol PlanAdmission: Sendable {
  /// Why a plan needs an approval; nil when it needs none.
  func reason(for plan: Plan, effects: Set<Effect>) -> String?
  /// Throws `approval.*` when the site wants an approval that is not there; uses it up.
  func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure)
}

extension PlanAdmission {
  package func reason(for plan: Plan, effects: Set<Effect>) -> String? { nil }
}

/// Decides whether a single call may begin.
package protocol RunAdmission: Sendable {
  /// Why a second operator is wanted for it, so that it needs a plan; nil when none is.
  func reason(for request: RunRequest) -> String?

  /// Uses up the approval of a call that needs one; records a call that lacks it, so that it can be approved.
  ///
  /// Answers the hash of the plan that was approved; nil where none was needed.
  /// `now` is in seconds since 1970. Throws `approval.*` and `journal.*`.
  func admit(_ request: RunRequest, run: String, now: Int, _ registry: RegistryOpener) async throws(CallFailure)
    -> String?

  /// Refuses what a run does beyond the plan that was approved; throws `approval.missing`.
  func refuse(_ request: RunRequest) throws(CallFailure)
}

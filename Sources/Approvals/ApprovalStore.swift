package import Journal
package import PrimitiveKit

/// Where approvals wait for the run they are for.
package protocol ApprovalStore: Sendable {
  /// Keeps an approval; throws `journal.*`.
  func add(_ approval: ApprovalRow) async throws(CallFailure)
  /// The approvals of a plan, the newest first; throws `journal.*`.
  func approvals(planHash: String) async throws(CallFailure) -> [ApprovalRow]
  /// Uses an approval once for a run, in one transaction.
  ///
  /// Throws `approval.used_up`, `approval.expired` and `journal.*`.
  func use(approval id: String, run: String) async throws(CallFailure)
}

extension Journal: ApprovalStore {}

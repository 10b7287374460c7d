package import Foundation
import Journal
package import PrimitiveKit

/// Lets a change pass that has the approvals it needs, and uses them up.
package struct ApprovalGate: Sendable {
  private let policy: ApprovalPolicy
  private let tool: any SignatureTool
  private let store: any ApprovalStore
  private let now: @Sendable () -> Date

  package init(
    policy: ApprovalPolicy,
    tool: any SignatureTool,
    store: any ApprovalStore,
    now: @escaping @Sendable () -> Date
  ) {
    self.policy = policy
    self.tool = tool
    self.store = store
    self.now = now
  }

  /// Why a change needs an approval; nil when it needs none.
  func reason(for request: ApprovalRequest) -> String? { policy.reason(for: request) }

  /// Checks the approvals of a change and uses one for a run; `persons` are the names of who runs it, `file` a detached one.
  ///
  /// Answers the approval, nil when none is needed. Call it once a run, before its first change, and not on a resume.
  /// Throws `approval.missing`, `approval.signature`, `approval.self`, `approval.expired`, `approval.used_up` and
  /// `journal.*`; of several approvals that do not hold, what is wrong with the newest.
  package func pass(_ request: ApprovalRequest, run: String, by persons: [String], file: SignedApproval? = nil)
    async throws(CallFailure) -> SignedApproval?
  {
    guard let reason = policy.reason(for: request) else { return nil }
    guard let signers = policy.signers else {
      throw CallFailure(
        .refused,
        .awaitsApproval,
        code: "approval.missing",
        message: "\(reason) needs an approval, and this site cannot check one",
        hint: "set `allowed_signers` in the site to a file of the operators' public keys; see docs/site.md"
      )
    }
    let checker = ApprovalChecker(tool: tool, signers: signers, now: now)
    var problem: CallFailure?
    // What the operator gave by hand is theirs to hear about first.
    if let file {
      do throws(CallFailure) {
        return try await use(file, checker, request, run: run, by: persons, isStored: false)
      } catch {
        if error.isOfJournal { throw error }
        problem = error
      }
    }
    for row in try await store.approvals(planHash: request.planHash) {
      do throws(CallFailure) {
        return try await use(SignedApproval(row), checker, request, run: run, by: persons, isStored: true)
      } catch {
        if error.isOfJournal { throw error }
        problem = problem ?? error
      }
    }
    throw problem
      ?? CallFailure(
        .refused,
        .awaitsApproval,
        code: "approval.missing",
        message: "\(reason) needs an approval of plan \(request.planHash.prefix(12)) by another operator",
        hint:
          "ask another operator to run `opsh approve \(run)`, or `opsh approve PLANFILE` on its plan; then run it again"
      )
  }

  private func use(
    _ approval: SignedApproval,
    _ checker: ApprovalChecker,
    _ request: ApprovalRequest,
    run: String,
    by persons: [String],
    isStored: Bool
  ) async throws(CallFailure) -> SignedApproval {
    try await checker.check(approval, for: request, by: persons)
    if !isStored { try await keep(approval) }
    try await store.use(approval: approval.document.id, run: run)
    return approval
  }

  /// Stores a detached approval once: its id is its content, so a second copy finds the uses of the first.
  private func keep(_ approval: SignedApproval) async throws(CallFailure) {
    func isKept() async throws(CallFailure) -> Bool {
      try await store.approvals(planHash: approval.document.plan).contains { $0.id == approval.document.id }
    }
    if try await isKept() { return }
    do throws(CallFailure) {
      try await store.add(approval.row)
    } catch {
      // Another process may have been first.
      if try await !isKept() { throw error }
    }
  }
}

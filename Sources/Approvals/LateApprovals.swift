package import Journal
package import PrimitiveKit

/// Approvals in a journal that is opened only when one is needed.
package struct LateApprovals: ApprovalStore {
  private let open: @Sendable () async throws(CallFailure) -> any ApprovalStore

  package init(_ open: @escaping @Sendable () async throws(CallFailure) -> any ApprovalStore) { self.open = open }

  package func add(_ approval: ApprovalRow) async throws(CallFailure) { try await open().add(approval) }

  package func approvals(planHash: String) async throws(CallFailure) -> [ApprovalRow] {
    try await open().approvals(planHash: planHash)
  }

  package func use(approval id: String, run: String) async throws(CallFailure) {
    try await open().use(approval: id, run: run)
  }
}

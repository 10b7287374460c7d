import Approvals
import Journal
import PrimitiveKit
import Synchronization

/// Keeps approvals the way a journal does.
final class MemoryStore: ApprovalStore {
  private let rows = Mutex<[ApprovalRow]>([])

  var all: [ApprovalRow] { rows.withLock { $0 } }

  func change(_ body: (inout [ApprovalRow]) -> Void) { rows.withLock { body(&$0) } }

  func add(_ approval: ApprovalRow) async throws(CallFailure) {
    let isNew = rows.withLock { rows in
      if rows.contains(where: { $0.id == approval.id }) { return false }
      rows.append(approval)
      return true
    }
    if !isNew { throw CallFailure(.journal, code: "journal.failed", message: "this id is taken") }
  }

  func approvals(planHash: String) async throws(CallFailure) -> [ApprovalRow] {
    all.filter { $0.planHash == planHash }.reversed()
  }

  func use(approval id: String, run: String) async throws(CallFailure) {
    let isLeft = rows.withLock { rows in
      guard let index = rows.firstIndex(where: { $0.id == id }), rows[index].uses < rows[index].maxUses else {
        return false
      }
      rows[index].uses += 1
      return true
    }
    if !isLeft { throw CallFailure(.refused, code: "approval.used_up", message: "used up") }
  }
}

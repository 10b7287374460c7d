import Journal
package import PrimitiveKit
package import Runs

extension ApprovalRequest {
  /// What an approval of a plan is bound to.
  ///
  /// `effects` are those of the header; what the planned operations do is added, and so are their speeds. An
  /// argument named `speed` counts, too: a plan need not have seen everything. `scopes` says what else a change of these
  /// hosts is a change of, such as their environments.
  package init(
    _ plan: Plan,
    effects: Set<Effect>,
    requester: String,
    scopes: (_ hosts: [String]) -> [LockScope] = { _ in [] }
  ) {
    self.init(
      site: plan.site,
      name: plan.runbook.name,
      runbookHash: plan.runbook.sha256,
      planHash: plan.hash,
      hosts: plan.hosts,
      requester: requester,
      effects: effects.union(plan.operations.map(\.effect)),
      speeds: plan.speeds,
      scopes: plan.operations.flatMap(\.target.scopes) + plan.locks.compactMap { LockScope($0) } + scopes(plan.hosts)
    )
  }
}

extension ApproveFlow.Subject {
  /// A plan as its approver sees it.
  package init(_ plan: Plan, effects: Set<Effect>, requester: String, columns: Int, now: Int) {
    self.init(
      request: ApprovalRequest(plan, effects: effects, requester: requester),
      summary: ([plan.render(columns: columns, now: now)] + plan.operationLines).joined(separator: "\n")
    )
  }
}

extension Plan {
  /// What is read before it is approved, one operation a line.
  private static var shownOperations: Int { 200 }

  /// Nobody should sign for what they were not shown.
  fileprivate var operationLines: [String] {
    let shown = operations.prefix(Plan.shownOperations).map { operation in
      let words = operation.summary.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
      return "  \(operation.target.subject): \(words)\(operation.isExact ? "" : " (not predicted)")"
    }
    let rest = operations.count - shown.count
    return shown + (rest > 0 ? ["and \(rest) more, which --plan-out FILE lists"] : [])
  }
}

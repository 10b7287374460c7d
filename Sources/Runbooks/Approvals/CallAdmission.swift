package import PrimitiveKit

/// Refuses a single call that its site wants a second operator for.
///
/// An approval is bound to a plan, and only a runbook has one; what stops bots is never held back.
package struct CallAdmission: Sendable {
  private let policy: ApprovalPolicy
  private let site: String

  package init(policy: ApprovalPolicy, site: String) {
    self.policy = policy
    self.site = site
  }

  /// Throws `approval.missing` where the same change in a runbook would need an approval.
  package func check(_ request: RunRequest) throws(CallFailure) {
    guard request.lane != .stop else { return }
    var speed: String?
    if case .string(let name) = request.arguments["speed"] { speed = name }
    let change = ApprovalRequest(
      site: site,
      name: request.name,
      runbookHash: "",
      planHash: "",
      hosts: request.hosts,
      requester: "",
      effects: [.changes],
      speed: speed
    )
    guard let reason = policy.reason(for: change) else { return }
    throw CallFailure(
      .refused,
      code: "approval.missing",
      message: "\(reason) needs an approval by another operator, and \(request.name) by itself has no plan to approve",
      hint: "do it in a runbook, for example runbooks/deploy.lua: its plan can be approved with `opsh approve`"
    )
  }
}

import Journal
package import PrimitiveKit
package import Runs

/// Admits a single call as a runbook is admitted: where the site wants a second operator, by the approval of its plan.
///
/// What only stops bots is exempt, whatever the site says.
package struct CallAdmission: RunAdmission {
  private let policy: ApprovalPolicy
  private let site: String
  private let opsh: String
  private let admission: any PlanAdmission

  /// `opsh` is the version that stands in the plan; `admission` looks for the approval.
  package init(policy: ApprovalPolicy, site: String, opsh: String, admission: any PlanAdmission) {
    self.policy = policy
    self.site = site
    self.opsh = opsh
    self.admission = admission
  }

  package func reason(for request: RunRequest) -> String? {
    guard request.lane != .stop else { return nil }
    let change = ApprovalRequest(
      site: site,
      name: request.name,
      runbookHash: "",
      planHash: "",
      hosts: request.hosts,
      requester: "",
      effects: request.effects.union((request.operations ?? []).map(\.effect)),
      speeds: request.speeds.union((request.operations ?? []).compactMap(\.speed)),
      scopes: request.scopes + (request.operations ?? []).flatMap(\.target.scopes)
    )
    return policy.reason(for: change)
  }

  package func admit(_ request: RunRequest, run: String, now: Int, _ registry: RegistryOpener) async throws(CallFailure)
    -> String?
  {
    guard reason(for: request) != nil else { return nil }
    let plan = plan(of: request, now: now)
    do throws(CallFailure) {
      let effects = request.effects.union((request.operations ?? []).map(\.effect))
      try await admission.admit(plan, run: run, effects: effects)
    } catch {
      if error.mark == .awaitsApproval { try await wait(request, plan, run: run, try await registry.open()) }
      throw error
    }
    return plan.hash
  }

  package func refuse(_ request: RunRequest) throws(CallFailure) {
    guard let reason = reason(for: request) else { return }
    throw CallFailure(
      .refused,
      code: "approval.missing",
      message: "\(reason) needs an approval by another operator, and the plan of this run did not include it",
      hint: "plan it again so that the plan includes \(request.name); it must not depend on anything a plan cannot know"
    )
  }

  private func plan(of request: RunRequest, now: Int) -> Plan {
    Plan(
      site: site,
      opsh: opsh,
      runbook: RunbookReference(name: request.name, version: "", sha256: "", path: ""),
      arguments: request.arguments,
      hosts: request.hosts,
      steps: [],
      operations: (request.operations ?? []).map { PlannedOperation($0, isCovered: false) },
      inexact: [],
      locks: request.scopes.map(\.description),
      conflicts: [],
      check: .null,
      madeAt: now
    )
  }

  private func wait(
    _ request: RunRequest,
    _ plan: Plan,
    run: String,
    _ registry: RunRegistry
  ) async throws(CallFailure) {
    var header = RunHeader(
      id: run,
      name: request.name,
      kind: .call,
      identity: registry.journal.identity,
      arguments: request.arguments,
      hosts: request.hosts,
      planHash: plan.hash
    )
    header.state = .waiting
    header.stateReason = "its plan is waiting for an approval"
    header.exitCode = Int(ExitCode.lockRefused.rawValue)
    try await registry.journal.begin(header, with: RunBeginning(kept: ["plan": try registry.coding.encode(plan)]))
  }
}

import Journal
package import PrimitiveKit
package import Runs

/// Admits a plan that has what its site asks for: a signed runbook, and the approval of a second operator.
package struct SiteAdmission: PlanAdmission {
  /// How the signature of a runbook is checked.
  package struct Signing: Sendable {
    let signature: RunbookSignature
    let read: @Sendable (_ path: String) throws(CallFailure) -> String?

    /// `read` answers a file's text, nil when it is not there.
    package init(_ signature: RunbookSignature, read: @escaping @Sendable (String) throws(CallFailure) -> String?) {
      self.signature = signature
      self.read = read
    }
  }

  private let gate: ApprovalGate
  private let file: SignedApproval?
  private let person: String
  private let user: String
  private let signing: Signing?
  private let scopes: @Sendable (_ hosts: [String]) -> [LockScope]
  private let dialogue: any Dialogue

  /// `person` is the operator who runs, `user` the account of the process; neither may be the approver.
  ///
  /// The operator may be known from the environment alone, which anybody can set. `file` is what `--approval` named;
  /// `signing` is nil where no signature is asked for; `scopes` answers what a change of hosts is a change of.
  package init(
    gate: ApprovalGate,
    file: SignedApproval?,
    person: String,
    user: String,
    signing: Signing?,
    scopes: @escaping @Sendable (_ hosts: [String]) -> [LockScope] = { _ in [] },
    dialogue: any Dialogue
  ) {
    self.gate = gate
    self.file = file
    self.person = person
    self.user = user
    self.signing = signing
    self.scopes = scopes
    self.dialogue = dialogue
  }

  package func admit(_ plan: Plan, run: String, effects: Set<Effect>) async throws(CallFailure) {
    if let signing { try await check(plan.runbook.path, sha256: plan.runbook.sha256, signing) }
    let request = ApprovalRequest(plan, effects: effects, requester: person, scopes: scopes)
    guard let approval = try await gate.pass(request, run: run, by: [person, user], file: file) else { return }
    let reason = approval.document.reason
    dialogue.say("approved by '\(approval.document.approver)'\(reason.isEmpty ? "" : ": \(reason)")")
  }

  package func reason(for plan: Plan, effects: Set<Effect>) -> String? {
    gate.reason(for: ApprovalRequest(plan, effects: effects, requester: person, scopes: scopes))
  }

  private func check(_ path: String, sha256: String, _ signing: Signing) async throws(CallFailure) {
    let text = try signing.read(path) ?? ""
    // What is signed must be what was loaded, and the file may have changed since.
    guard SHA256(hashing: text.utf8).hex == sha256 else {
      throw CallFailure(
        .refused,
        code: "runbook.signature",
        message: "\(path) was changed after it was loaded",
        hint: "review the change, then run it again"
      )
    }
    let signature = try signing.read(RunbookSignature.path(of: path))
    let signer = try await signing.signature.check(Array(text.utf8), file: path, signature: signature)
    dialogue.say("\(path) is signed by '\(signer)'")
  }
}

package import Foundation
package import PrimitiveKit

/// Says whether one approval holds for one change.
package struct ApprovalChecker: Sendable {
  /// How far the clocks of two operators may be apart.
  static let tolerance: TimeInterval = 300

  let tool: any SignatureTool
  /// The `allowed_signers` file.
  let signers: String
  let now: @Sendable () -> Date

  package init(tool: any SignatureTool, signers: String, now: @escaping @Sendable () -> Date) {
    self.tool = tool
    self.signers = signers
    self.now = now
  }

  /// Checks signature, binding, persons and time; `persons` are the names of who is about to make the change.
  ///
  /// Throws `approval.signature`, `approval.missing` when it is for another change, `approval.self` and
  /// `approval.expired`.
  package func check(_ approval: SignedApproval, for request: ApprovalRequest, by persons: [String])
    async throws(CallFailure)
  {
    let document = approval.document
    try await verify(approval, as: document.approver)
    try bind(document, request)
    for other in Set([document.requester, request.requester] + persons).sorted() where !other.isEmpty {
      try await forbid(approval, self: other)
    }
    try inTime(document)
  }

  private func verify(_ approval: SignedApproval, as principal: String) async throws(CallFailure) {
    do throws(SignatureError) {
      _ = try await signed(approval, by: principal)
    } catch {
      switch error {
      case .invalid(let reason), .unusableKey(_, let reason):
        throw CallFailure(
          .refused,
          code: "approval.signature",
          message:
            "the signature of '\(principal)' on the approval of '\(approval.document.name)' is not valid: \(reason)",
          hint: "check that \(signers) lists the key for '\(principal)', or ask for a new approval"
        )
      case .unavailable: throw CallFailure(error, code: "approval.signature")
      }
    }
  }

  private func bind(_ document: ApprovalDocument, _ request: ApprovalRequest) throws(CallFailure) {
    let pairs = [
      ("site", document.site, request.site),
      ("runbook", document.name, request.name),
      ("text of the runbook", document.runbook, request.runbookHash),
      ("plan", document.plan, request.planHash),
      ("set of hosts", document.hosts, request.hostsHash),
      ("number of hosts", "\(document.hostCount)", "\(request.hostCount)"),
    ]
    guard let (what, approved, wanted) = pairs.first(where: { $0.1 != $0.2 }) else { return }
    throw CallFailure(
      .refused,
      .awaitsApproval,
      code: "approval.missing",
      message: "the approval of '\(document.approver)' is for another \(what): it approves "
        + "'\(approved.prefix(16))', this is '\(wanted.prefix(16))'",
      hint: "ask for an approval of this plan: opsh approve PLANFILE"
    )
  }

  private func forbid(_ approval: SignedApproval, self person: String) async throws(CallFailure) {
    let approver = approval.document.approver
    let hint = "another operator must approve: opsh approve PLANFILE"
    guard !ApprovalPolicy.isOnePerson(approver, person) else {
      throw CallFailure(
        .refused,
        code: "approval.self",
        message: "'\(approver)' cannot approve a change by '\(person)': they are the same person",
        hint: hint
      )
    }
    let key: String
    do throws(SignatureError) {
      key = try await signed(approval, by: person)
    } catch {
      if case .unavailable = error { throw CallFailure(error, code: "approval.signature") }
      // As it should be: the key is not one of theirs.
      return
    }
    throw CallFailure(
      .refused,
      code: "approval.self",
      message: "'\(approver)' approved with the key \(key), which \(signers) lists for '\(person)' too",
      hint: hint
    )
  }

  private func inTime(_ document: ApprovalDocument) throws(CallFailure) {
    let now = now()
    guard now < document.expires else {
      throw CallFailure(
        .refused,
        code: "approval.expired",
        message: "the approval of '\(document.approver)' expired at \(document.expires.formatted(.iso8601))",
        hint: "ask for a new one: opsh approve PLANFILE"
      )
    }
    guard document.signed.timeIntervalSince(now) <= ApprovalChecker.tolerance else {
      throw CallFailure(
        .refused,
        code: "approval.expired",
        message: "the approval of '\(document.approver)' was signed at \(document.signed.formatted(.iso8601)), "
          + "but the time here is \(now.formatted(.iso8601))",
        hint: "correct whichever of the two clocks is wrong"
      )
    }
  }

  private func signed(_ approval: SignedApproval, by principal: String) async throws(SignatureError) -> String {
    try await tool.verify(
      Array(approval.document.text.utf8),
      signature: approval.signature,
      namespace: .approval,
      principal: principal,
      signers: signers,
      at: now()
    )
  }
}

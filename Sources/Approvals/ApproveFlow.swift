package import Foundation
import Foundations
import Journal
package import PrimitiveKit

/// `opsh approve`: shows what is planned, asks, signs and keeps the approval.
package struct ApproveFlow: Sendable {
  /// What an approver is asked about.
  package struct Subject: Sendable {
    package let request: ApprovalRequest
    /// The plan in words, as `--dry-run` prints it.
    package let summary: String

    package init(request: ApprovalRequest, summary: String) {
      self.request = request
      self.summary = summary
    }
  }

  private let signers: String?
  private let tool: any SignatureTool
  private let dialogue: any Dialogue
  private let now: @Sendable () -> Date
  private let nonce: @Sendable () -> String

  /// `signers` is the site's `allowed_signers` file, `nonce` draws a word that was never drawn before.
  package init(
    signers: String?,
    tool: any SignatureTool,
    dialogue: any Dialogue,
    now: @escaping @Sendable () -> Date,
    nonce: @escaping @Sendable () -> String = { ApproveFlow.randomNonce() }
  ) {
    self.signers = signers
    self.tool = tool
    self.dialogue = dialogue
    self.now = now
    self.nonce = nonce
  }

  /// Asks the operator, signs with `key` and checks the signature as the run will.
  ///
  /// Without a `store` the approval is only answered, for a file. Throws `approval.self`, `approval.missing` when the
  /// site has no `allowed_signers`, `approval.signature` when the key is not the approver's, `plan.declined`,
  /// `prompt.not_interactive`, `call.cancelled` and `journal.*`.
  package func approve(
    _ subject: Subject,
    as approver: String,
    key: String,
    terms: ApprovalTerms,
    store: (any ApprovalStore)?
  ) async throws(CallFailure) -> SignedApproval {
    let request = subject.request
    guard let signers else {
      throw CallFailure(
        .refused,
        code: "approval.missing",
        message: "the site '\(request.site)' cannot check approvals, so there is nothing to sign",
        hint: "set `allowed_signers` in the site; see docs/site.md"
      )
    }
    guard !ApprovalPolicy.isOnePerson(approver, request.requester) else {
      throw CallFailure(
        .refused,
        code: "approval.self",
        message: "the plan is by '\(request.requester)': another operator must approve it",
        hint: nil
      )
    }
    try await confirm(subject, terms)
    let document = ApprovalDocument(request, approver: approver, terms: terms, signed: now(), nonce: nonce())
    let approval = SignedApproval(document, signature: try await sign(document, key: key))
    // A key that the site does not know would only come out when the run is refused.
    let checker = ApprovalChecker(tool: tool, signers: signers, now: now)
    try await checker.check(approval, for: request, by: [request.requester])
    if let store { try await store.add(approval.row) }
    dialogue.say(ApproveFlow.receipt(document))
    return approval
  }

  /// 128 random bits in hexadecimal digits.
  package static func randomNonce() -> String {
    (0..<2).map { _ in
      let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  private func confirm(_ subject: Subject, _ terms: ApprovalTerms) async throws(CallFailure) {
    let request = subject.request
    dialogue.say(subject.summary)
    let person = request.requester.isEmpty ? "whoever applies it" : "'\(request.requester)'"
    let end = now().addingTimeInterval(terms.lifetime.seconds).formatted(.iso8601)
    dialogue.say("approve for \(person), valid for \(terms.uses) run\(terms.uses == 1 ? "" : "s") until \(end)")
    let expected = "\(request.hostCount)"
    let answer = try await dialogue.ask("type the number of hosts to approve: ")
    let given = answer?.trimmingCharacters(in: .whitespaces) ?? ""
    guard given == expected else {
      throw CallFailure(
        .cancelled,
        code: "plan.declined",
        message: "not approved: expected \(expected), got \(given.isEmpty ? "nothing" : "'\(given.prefix(20))'")"
      )
    }
  }

  private func sign(_ document: ApprovalDocument, key: String) async throws(CallFailure) -> String {
    do throws(SignatureError) {
      return try await tool.sign(Array(document.text.utf8), namespace: .approval, key: key)
    } catch {
      throw CallFailure(error, code: "approval.signature")
    }
  }

  private static func receipt(_ document: ApprovalDocument) -> String {
    "approved by '\(document.approver)': \(document.name), plan \(document.plan.prefix(12)), "
      + "\(document.hostCount.counted("host")), "
      + "valid until \(document.expires.formatted(.iso8601)) (approval \(document.id.prefix(8)))"
  }
}

package import Foundation
import Foundations
package import PrimitiveKit

/// What an approver signs: which change, for whom, until when, how often.
///
/// It is signed as one line of JSON with sorted keys; a document that is spelled in any other way is refused.
package struct ApprovalDocument: Codable, Sendable, Equatable {
  static let format = 1

  package let format: Int
  package let site: String
  /// The name of the runbook, or of the primitive.
  package let name: String
  /// SHA-256 of the runbook's bytes in hexadecimal digits; empty for a primitive.
  package let runbook: String
  package let plan: String
  /// The hash of the host names, as `ApprovalRequest` makes it.
  package let hosts: String
  package let hostCount: Int
  package let requester: String
  /// A principal of the site's `allowed_signers`.
  package let approver: String
  package let reason: String
  /// How many runs it is valid for.
  package let uses: Int
  /// In whole seconds.
  package let signed: Date
  /// In whole seconds; from then on it is void.
  package let expires: Date
  /// Tells two approvals of the same change apart.
  package let nonce: String

  enum CodingKeys: String, CodingKey {
    case format, site, name, runbook, plan, hosts
    case hostCount = "host_count"
    case requester, approver, reason, uses, signed, expires, nonce
  }

  init(_ request: ApprovalRequest, approver: String, terms: ApprovalTerms, signed: Date, nonce: String) {
    format = ApprovalDocument.format
    site = request.site
    name = request.name
    runbook = request.runbookHash
    plan = request.planHash
    hosts = request.hostsHash
    hostCount = request.hostCount
    requester = request.requester
    self.approver = approver
    reason = terms.reason
    uses = terms.uses
    self.signed = Date(timeIntervalSince1970: signed.timeIntervalSince1970.rounded(.down))
    expires = Date(timeIntervalSince1970: (signed.timeIntervalSince1970 + terms.lifetime.seconds).rounded(.down))
    self.nonce = nonce
  }

  /// Reads a document; throws `approval.signature` for one that is not spelled as opsh spells it.
  package init(text: String) throws(CallFailure) {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    guard let document = try? decoder.decode(ApprovalDocument.self, from: Data(text.utf8)) else {
      throw .unsigned("this opsh cannot read it")
    }
    // One meaning, one spelling: a key given twice or an extra field would be read by people in another way.
    guard document.format == ApprovalDocument.format, document.text == text else {
      throw .unsigned("it was not written by opsh")
    }
    let words = [document.site, document.name, document.requester, document.approver, document.reason]
    guard words.allSatisfy({ $0.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 } }) else {
      throw .unsigned("it holds control characters")
    }
    guard document.uses > 0 else { throw .unsigned("it allows no runs") }
    self = document
  }

  /// The text that is signed.
  package var text: String {
    let encoder = JSONEncoder.stable()
    encoder.dateEncodingStrategy = .iso8601
    // Texts, whole numbers and dates: there is nothing that cannot be encoded.
    return ((try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "") + "\n"
  }

  /// Names the approval by its content, so that it cannot be presented twice under two names.
  package var id: String { String(SHA256(hashing: text.utf8).hex.prefix(32)) }
}

extension CallFailure {
  /// An approval whose signature does not hold.
  static func unsigned(_ why: String) -> CallFailure {
    CallFailure(
      .refused,
      code: "approval.signature",
      message: "the approval is not valid: \(why)",
      hint: "ask for a new one: opsh approve PLANFILE"
    )
  }
}

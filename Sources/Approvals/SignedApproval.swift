import Foundation
import Foundations
package import Journal
package import PrimitiveKit

/// An approval with its signature, as it stands in the journal or in a file that is passed on.
package struct SignedApproval: Sendable, Equatable {
  package let document: ApprovalDocument
  /// What `ssh-keygen -Y sign` wrote.
  package let signature: String

  private struct File: Codable {
    let document: String
    let signature: String
  }

  init(_ document: ApprovalDocument, signature: String) {
    self.document = document
    self.signature = signature
  }

  /// Reads the text of a detached file; throws `approval.signature`.
  package init(file: String) throws(CallFailure) {
    guard let file = try? JSONDecoder().decode(File.self, from: Data(file.utf8)) else {
      throw .unsigned("the file was not written by `opsh approve --out`")
    }
    self.init(try ApprovalDocument(text: file.document), signature: file.signature)
  }

  /// Reads a row of the journal; throws `approval.signature` when it says something else than what was signed.
  package init(_ row: ApprovalRow) throws(CallFailure) {
    self.init(try ApprovalDocument(text: row.document), signature: row.signature)
    let signed = self.row
    let isSame =
      row.id == signed.id && row.planHash == signed.planHash && row.hostsHash == signed.hostsHash
      && row.requester == signed.requester && row.approver == signed.approver && row.maxUses == signed.maxUses
      && row.expiresAt == signed.expiresAt
    guard isSame else { throw .unsigned("the journal's row \(row.id) is not what was signed") }
  }

  /// The text of a detached file.
  package var file: String {
    let encoder = JSONEncoder.stable(.prettyPrinted)
    let file = File(document: document.text, signature: signature)
    return ((try? encoder.encode(file)).map { String(decoding: $0, as: UTF8.self) } ?? "") + "\n"
  }

  /// The row of the journal, not used yet.
  package var row: ApprovalRow {
    ApprovalRow(
      id: document.id,
      planHash: document.plan,
      hostsHash: document.hosts,
      name: document.name,
      requester: document.requester,
      approver: document.approver,
      reason: document.reason,
      document: document.text,
      signature: signature,
      maxUses: document.uses,
      createdAt: Int64(document.signed.timeIntervalSince1970) * 1000,
      expiresAt: Int64(document.expires.timeIntervalSince1970) * 1000
    )
  }
}

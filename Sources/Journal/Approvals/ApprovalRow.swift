/// Somebody's word that a plan may be performed; times are milliseconds since 1970.
package struct ApprovalRow: Sendable, Equatable, Codable {
  package var id: String
  package var planHash: String
  package var hostsHash: String
  /// The name of what is approved.
  package var name: String
  package var requester: String
  package var approver: String
  package var reason: String
  /// The text that was signed, byte for byte; empty without a signature.
  package var document: String
  /// What `ssh-keygen -Y sign` wrote; empty without a signature.
  package var signature: String
  package var maxUses: Int
  package var uses: Int
  package var createdAt: Int64
  package var expiresAt: Int64

  package init(
    id: String,
    planHash: String,
    hostsHash: String,
    name: String,
    requester: String,
    approver: String,
    reason: String,
    document: String,
    signature: String,
    maxUses: Int,
    uses: Int = 0,
    createdAt: Int64,
    expiresAt: Int64
  ) {
    self.id = id
    self.planHash = planHash
    self.hostsHash = hostsHash
    self.name = name
    self.requester = requester
    self.approver = approver
    self.reason = reason
    self.document = document
    self.signature = signature
    self.maxUses = maxUses
    self.uses = uses
    self.createdAt = createdAt
    self.expiresAt = expiresAt
  }
}

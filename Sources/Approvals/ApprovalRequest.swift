package import PrimitiveKit

/// A change that somebody wants to make, as far as an approval is bound to it.
package struct ApprovalRequest: Sendable, Equatable {
  package let site: String
  /// The name of the runbook, or of the primitive.
  package let name: String
  /// SHA-256 of the runbook's bytes in hexadecimal digits; empty for a primitive.
  package let runbookHash: String
  package let planHash: String
  package let hostsHash: String
  package let hostCount: Int
  /// The operator who made the plan; empty when nobody wrote that down.
  package let requester: String
  /// What the change may do, as its header or primitive declares.
  package let effects: Set<Effect>
  /// The speeds of its rollouts.
  package let speeds: Set<String>
  /// What it changes, or may change: what its operations are about, and what it locks.
  package let scopes: [LockScope]

  package init(
    site: String,
    name: String,
    runbookHash: String,
    planHash: String,
    hosts: [String],
    requester: String,
    effects: Set<Effect>,
    speeds: Set<String>,
    scopes: [LockScope] = []
  ) {
    self.site = site
    self.name = name
    self.runbookHash = runbookHash
    self.planHash = planHash
    let names = Set(hosts)
    hostsHash = SHA256(hashing: names.sorted().joined(separator: "\n").utf8).hex
    hostCount = names.count
    self.requester = requester
    self.effects = effects
    self.speeds = speeds
    self.scopes = scopes
  }
}

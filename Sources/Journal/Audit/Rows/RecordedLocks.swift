import PrimitiveKit

/// Locks and epochs as audit records tell them: grants and ends are played one after the other.
struct RecordedLocks {
  /// By claim, those that nothing ended.
  private(set) var leases: [String: RecordedLease] = [:]
  /// By scope.
  private(set) var epochs: [String: EpochTable.Row] = [:]

  /// Looks at the next record, in the order of their places.
  mutating func take(_ record: AuditRecord) {
    switch record.event {
    case "lock.grant", "lock.take", "lock.reset_epoch":
      let lease = RecordedLease(record)
      leases[lease.claim] = lease
    case "lock.release", "lock.expire", "lock.break":
      if let claim = AuditFields(record.body).text("claim") { leases[claim] = nil }
    // An older opsh gave seconds.
    case Journal.migration:
      for (claim, lease) in leases where Epoch.oldSeconds.contains(lease.epoch) {
        leases[claim]?.epoch = lease.epoch * Epoch.second
      }
    default: break
    }
    EpochRecord(record)?.apply(to: &epochs)
  }
}

/// A lease as the record of its grant tells it.
struct RecordedLease {
  let claim: String
  let seq: Int64
  fileprivate(set) var epoch: Int
  private let run: String?
  private let reason: String
  private let isSticky: Bool
  private let holder: String
  /// The SHA-256 of the holder's JSON; nil in records of an older opsh.
  private let holderDigest: String?
  private let own: [String]
  /// Nil in records of an older opsh.
  private let above: [String]?

  init(_ record: AuditRecord) {
    let fields = AuditFields(record.body)
    claim = fields.text("claim") ?? ""
    seq = record.seq
    epoch = Int(fields.value("epoch")?.int ?? 0)
    run = fields.text("run")
    reason = fields.text("reason") ?? ""
    isSticky = fields.json("sticky") == "true"
    holder = fields.text("holder") ?? ""
    holderDigest = fields.text("holder_sha256")
    own = fields.texts("scopes")
    above = fields.json("above") == nil ? nil : fields.texts("above")
  }

  /// What of a lease's rows is not as it was granted; its end is not among it, because renewals leave no record.
  func differences(from lease: Lease) -> [String] {
    var names: [String] = []
    if lease.epoch != epoch { names.append("its epoch") }
    if lease.run != run { names.append("its run") }
    if lease.reason != reason { names.append("its reason") }
    if lease.isSticky != isSticky { names.append("whether a person took it") }
    let holderText: String? = try? OperationCoding().encode(lease.holder)
    let digest = holderText.map { SHA256(hashing: $0.utf8).hex }
    if lease.holder.name != holder || holderDigest != nil && holderDigest != digest { names.append("its holder") }
    let found = lease.scopes.filter(\.isOwn).map { $0.mode == .exclusive ? "\($0)" : "\($0) (\($0.mode.rawValue))" }
    let foundAbove = lease.scopes.filter { !$0.isOwn }.map(\.description)
    if found != own || above != nil && above != foundAbove { names.append("what it locks") }
    return names
  }
}

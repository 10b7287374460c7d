/// What audit records tell of no run, and that is little: approvals, bad releases, locks, epochs and migrations.
struct RecordedMarks {
  /// The record of the migration to schema 2; 0 in a journal that began with it.
  private(set) var migration: Int64 = 0
  private(set) var locks = RecordedLocks()
  private(set) var approvals: [String: RecordedRow] = [:]
  private(set) var releases: [String: RecordedRow] = [:]

  /// Looks at the next record.
  mutating func take(_ record: AuditRecord) {
    locks.take(record)
    switch record.event {
    case Journal.migration: migration = max(migration, record.seq)
    case "approval.add": addApproval(record)
    case "approval.use":
      let fields = AuditFields(record.body)
      guard let id = fields.text("approval") else { return }
      approvals[id]?.seq = record.seq
      approvals[id]?.take([("uses", "uses")], from: fields)
    case "release.bad": addRelease(record)
    case "release.cleared":
      if let digest = AuditFields(record.body).text("digest") { releases[digest] = nil }
    default: return
    }
  }

  private mutating func addApproval(_ record: AuditRecord) {
    let fields = AuditFields(record.body)
    guard let id = fields.text("approval") else { return }
    var row = RecordedRow(seq: record.seq)
    row.take(
      [
        ("plan_hash", "plan"), ("hosts_hash", "hosts_sha256"), ("name", "name"), ("requester", "requester"),
        ("approver", "approver"), ("reason", "reason"), ("max_uses", "max_uses"), ("created_at", "created_at"),
        ("expires_at", "expires_at"),
      ],
      from: fields
    )
    row.takeDigest("signature", "signature_sha256", from: fields)
    row.takeDigest("document", "document_sha256", from: fields)
    row.set("uses", .value(.int(0)))
    approvals[id] = row
  }

  private mutating func addRelease(_ record: AuditRecord) {
    let fields = AuditFields(record.body)
    guard let digest = fields.text("digest") else { return }
    var row = RecordedRow(seq: record.seq)
    row.take([("image", "image"), ("reason", "reason")], from: fields)
    row.take([("marked_by", "operator")], from: fields.fields("who"))
    row.set("run", .value(.text(record.run ?? "")))
    row.set("marked_at", .value(.int(record.at)))
    releases[digest] = row
  }
}

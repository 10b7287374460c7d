/// What `Journal.verify` found.
package struct AuditReport: Sendable, Equatable {
  /// Records that were read.
  package let count: Int
  /// Lines of the second record of hashes that were compared.
  package let anchorCount: Int
  /// The first problems, in the order of the records.
  package let problems: [AuditProblem]
  /// All problems, also those that are not listed.
  package let problemCount: Int
  /// Decisions to continue despite problems, which are left out here; one sentence each.
  package var accepted: [String] = []

  package var isIntact: Bool { problemCount == 0 }
}

/// Which tables `Journal.verify` compares with the audit chain, and why not the others.
package enum AuditCoverage {
  /// Compared row by row with what the records say.
  package static let tables =
    RecordedTable.allCases.map(\.rawValue).sorted() + ["leases", "scope_epochs", "texts"]

  /// Not compared, with the reason.
  package static let exceptions: [(table: String, reason: String)] = [
    ("anchors", "counts the lines of the anchor file, which is compared directly"),
    ("audit_head", "names the newest record, and is compared with it"),
    ("epochs", "comes from an older opsh and is no longer used"),
    ("leases.expires_at", "changes with every renewal, and renewals are not recorded"),
    ("meta", "identifies the journal: another id or schema is found when it is opened"),
  ]
}

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

/// Something that is wrong with the audit chain.
package struct AuditProblem: Sendable, Equatable {
  /// What is wrong: with records, unless it says otherwise.
  package enum Kind: String, Sendable {
    case edited
    case removed
    case reordered
    case truncated
    /// A row that no record tells of.
    case added
    /// The second record of hashes is missing, changed, or of another journal.
    case anchor
    /// The database cannot read it.
    case unreadable
  }

  package let kind: Kind
  /// Of the record it is about.
  package let seq: Int64
  package let run: String?
  /// One sentence for the operator.
  package let message: String
}

package import PrimitiveKit

/// Rows of the table `meta` that the care of a journal leaves for those who use it.
package enum JournalMark: String, Sendable {
  /// `1`: hosts may have seen newer epochs than this journal knows, so they are asked before the next grant.
  case epochsUnsure = "epochs_unsure"
  /// The place of the newest audit record that a restored journal had: epochs up to there may be older than those of hosts.
  case restoredHead = "restored_head"
  /// The scopes, one a line, whose hosts did not say what they obeyed before this journal.
  case unasked = "epochs_unasked"
  /// When it was last backed up, in milliseconds since 1970.
  case backedUp = "backed_up"

  /// Leaves the mark; throws `journal.*`.
  package func set(_ value: String, in session: any DatabaseSession) async throws(CallFailure) {
    try await session.query(
      "INSERT INTO meta(name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [.text(rawValue), .text(value)]
    )
  }

  /// The mark; nil without one.
  package func read(_ session: any DatabaseSession) async throws(CallFailure) -> String? {
    try await session.query("SELECT value FROM meta WHERE name = $1", [.text(rawValue)]).first?.first?.text
  }
}

/// The row of the table `meta` that says which audit record tells of the newest pruning.
enum PruneMark {
  static let name = "pruned"
}

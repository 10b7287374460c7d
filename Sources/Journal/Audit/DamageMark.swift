import PrimitiveKit

/// The note in a journal that `verify` found something wrong with it: every process refuses to write from then on.
enum DamageMark {
  /// Its row in the table `meta`.
  static let name = "damaged"

  /// Leaves the note; the first one stays.
  static func set(_ problem: String, in session: any DatabaseSession) async throws(CallFailure) {
    try await session.query(
      "INSERT INTO meta(name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
      [.text(name), .text(problem)]
    )
  }

  static func remove(in session: any DatabaseSession) async throws(CallFailure) {
    try await session.query("DELETE FROM meta WHERE name = $1", [.text(name)])
  }

  /// What was found; nil without a note.
  static func read(_ session: any DatabaseSession) async throws(CallFailure) -> String? {
    try await session.query("SELECT value FROM meta WHERE name = $1", [.text(name)]).first?.first?.text
  }
}

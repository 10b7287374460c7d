import PrimitiveKit

/// The row of the table `meta` that says where a journal was moved to: nobody writes to it any more.
enum MoveMark {
  static let name = "moved"

  static func read(_ session: any DatabaseSession) async throws(CallFailure) -> String? {
    try await session.query("SELECT value FROM meta WHERE name = $1", [.text(name)]).first?.first?.text
  }

  static func set(_ place: String, in session: any DatabaseSession) async throws(CallFailure) {
    try await session.query(
      "INSERT INTO meta(name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [.text(name), .text(place)]
    )
  }

  /// The failure of writing to a journal that was moved.
  static func failure(_ name: String, to place: String) -> CallFailure {
    CallFailure(
      .journal,
      .moved,
      code: "journal.moved",
      message: "the journal \(name) was moved to \(place)",
      hint: "set `journal = \"\(place)\"` in the site"
    )
  }
}

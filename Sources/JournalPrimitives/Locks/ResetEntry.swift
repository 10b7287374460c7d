import PrimitiveKit

/// What came of a reset on one host or database.
struct ResetEntry: Record, Sendable {
  let host: String
  let epoch: Int
  let problem: String?

  static var luaType: String { "lock.Reset" }
  static let columns: [Column<Self>] = [
    Column(\.host, "host", "Host, or a database with its kind, as in `database rocky`"),
    Column("ok", "Whether it now has the new epoch") { $0.problem == nil },
    Column(\.epoch, "epoch", "What it was reset to"),
    Column(\.problem, "problem", "Why not"),
  ]
}

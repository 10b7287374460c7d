import Journal
import PrimitiveKit

/// A change that may or may not have happened, with what `resolve` asks for first.
struct UnresolvedEntry: Record, Sendable {
  let row: OperationRow

  static var luaType: String { "run.Unresolved" }
  static let columns: [Column<Self>] = [
    Column(\.row.run, "run", "Whose change it is"),
    Column(\.row.target.subject, "host", "Where to look: the host, or another thing with its kind"),
    Column(\.row.summary, "summary", "What was to be changed"),
    Column("why", "Nobody knows") { $0.row.failure?.message ?? "" },
    Column("target", "What it is about, where that has several parts") { "\($0.row.target)" },
    Column(\.row.kind, "kind", "What kind of change"),
    Column(\.row.step, "step", "Path of its step"),
  ]

}

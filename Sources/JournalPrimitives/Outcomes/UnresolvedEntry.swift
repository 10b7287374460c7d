import Journal
import PrimitiveKit

/// A change that may or may not have happened, with what `resolve` asks for first.
struct UnresolvedEntry: Record, Sendable {
  let row: OperationRow

  static var luaType: String { "run.Unresolved" }
  static let columns: [Column<Self>] = [
    Column(\.row.run, "run", "The run that made the change"),
    Column(\.row.target.subject, "host", "Where to check: the host, or another target with its kind"),
    Column(\.row.summary, "summary", "The intended change"),
    Column("why", "Why it is unknown") { $0.row.failure?.message ?? "" },
    Column("target", "The target, with its part if it has several") { "\($0.row.target)" },
    Column(\.row.kind, "kind", "Kind of change"),
    Column(\.row.step, "step", "Path of its step"),
  ]

}

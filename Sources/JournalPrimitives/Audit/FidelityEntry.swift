import Journal
import PrimitiveKit

/// How well one kind of change was foretold.
struct FidelityEntry: Record, Sendable {
  let row: FidelityRow

  static var luaType: String { "run.Fidelity" }
  static let columns: [Column<Self>] = [
    Column(\.row.kind, "kind", "Kind of change"),
    Column(\.row.predicted, "predicted", "Changes whose outcome was predicted, or should have been"),
    Column(\.row.matched, "matched", "Done as predicted"),
    Column("percent", "Matched as a share of predicted; nil if nothing can be predicted") { entry in
      entry.row.ratio.map { ($0 * 1000).rounded() / 10 }
    },
    Column(\.row.runs, "runs", "Runs counted"),
  ]
}

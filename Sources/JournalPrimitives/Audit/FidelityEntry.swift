import Journal
import PrimitiveKit

/// How well one kind of change was foretold.
struct FidelityEntry: Record, Sendable {
  let row: FidelityRow

  static var luaType: String { "run.Fidelity" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("kind", "string", "Kind of change"),
      FieldInfo("predicted", "integer", "Changes whose outcome was predicted, or should have been"),
      FieldInfo("matched", "integer", "Done as predicted"),
      FieldInfo("percent", "number?", "Matched by predicted; nil where nothing can be predicted"),
      FieldInfo("runs", "integer", "Runs it is from"),
    ]
  }

  var value: Value {
    let percent = row.ratio.map { ($0 * 1000).rounded() / 10 }
    return .table([
      "kind": row.kind.value, "predicted": row.predicted.value, "matched": row.matched.value,
      "percent": percent.value, "runs": row.runs.value,
    ])
  }
}

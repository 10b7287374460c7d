import Journal
import PrimitiveKit

/// A change of which nobody knows whether it happened, with what `resolve` asks for first.
struct UnresolvedEntry: Record, Sendable {
  let row: OperationRow

  static var luaType: String { "run.Unresolved" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("run", "string", "Whose change it is"),
      FieldInfo("host", "string", "Where to look: the host, or another thing with its kind"),
      FieldInfo("summary", "string", "What was to be changed"),
      FieldInfo("why", "string", "Nobody knows"),
      FieldInfo("target", "string", "What it is about, where that has several parts"),
      FieldInfo("kind", "string", "What kind of change"),
      FieldInfo("step", "string", "Path of its step"),
    ]
  }

  var value: Value {
    .table([
      "run": row.run.value, "host": row.target.subject.value, "summary": row.summary.value,
      "why": (row.failure?.message ?? "").value, "target": "\(row.target)".value, "kind": row.kind.value,
      "step": row.step.value,
    ])
  }
}

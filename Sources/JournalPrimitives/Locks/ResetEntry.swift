import PrimitiveKit

/// What came of a reset on one host or database.
struct ResetEntry: Record, Sendable {
  let host: String
  let epoch: Int
  let problem: String?

  static var luaType: String { "lock.Reset" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("host", "string", "Host; a database with its kind, as in `database rocky`"),
      FieldInfo("ok", "boolean", "Whether it has the new epoch"),
      FieldInfo("epoch", "integer", "What it was reset to"),
      FieldInfo("problem", "string?", "Why it does not have it"),
    ]
  }

  var value: Value {
    .table(["host": host.value, "ok": (problem == nil).value, "epoch": epoch.value, "problem": problem.value])
  }
}

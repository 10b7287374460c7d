import PrimitiveKit

/// What came of a reset on one host.
struct ResetEntry: Record, Sendable {
  let host: String
  let epoch: Int
  let problem: String?

  static var luaType: String { "lock.Reset" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("host", "string", "Host"),
      FieldInfo("ok", "boolean", "Whether the host has the new epoch"),
      FieldInfo("epoch", "integer", "What it was reset to"),
      FieldInfo("problem", "string?", "Why the host has it not"),
    ]
  }

  var value: Value {
    .table(["host": host.value, "ok": (problem == nil).value, "epoch": epoch.value, "problem": problem.value])
  }
}

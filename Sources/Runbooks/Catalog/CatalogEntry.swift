import PrimitiveKit

/// A runbook as it stands in its folder.
struct CatalogEntry: Record, Sendable {
  let name: String
  let path: String
  var version = ""
  var owner = ""
  var summary = ""
  var problem = ""
  var lastRun = "never"
  var lastOutcome = ""
  var drillAge = "never"

  static var luaType: String { "runbook.Entry" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("name", "string", "Name"),
      FieldInfo("version", "string", "Of the present file"),
      FieldInfo("last_run", "string", "UTC"),
      FieldInfo("last_outcome", "string", "How that ended"),
      FieldInfo("summary", "string", "What it does, or what is wrong with it"),
      FieldInfo("owner", "string", "Who looks after it"),
      FieldInfo("drill_age", "string", "Since the last drill that ended well: never, 3 h, 12 d"),
    ]
  }

  var value: Value {
    .table([
      "name": name.value, "version": version.value, "owner": owner.value, "last_run": lastRun.value,
      "last_outcome": lastOutcome.value, "drill_age": drillAge.value, "path": path.value,
      "summary": (problem.isEmpty ? summary : problem).value,
    ])
  }
}

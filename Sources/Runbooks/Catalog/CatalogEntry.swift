import PrimitiveKit

/// A runbook as it stands in its folder.
struct CatalogEntry: Record, Sendable {
  let name: String
  let path: String
  var version = ""
  var owner = ""
  var summary = ""
  var problem = ""
  /// In milliseconds since 1970; nil for never.
  var lastRun: Int64?
  var lastOutcome = ""
  var drillAge = "never"
  /// When the last drill succeeded, in milliseconds since 1970; nil for never.
  var drilledAt: Int64?

  static var luaType: String { "runbook.Entry" }
  static let columns: [Column<Self>] = [
    Column(\.name, "name", "Name"),
    Column(\.version, "version", "Version in the current file"),
    Column(time: "last_run", "When it was last started, or never", none: "never") { $0.lastRun },
    Column(\.lastOutcome, "last_outcome", "How the last run ended"),
    Column("summary", "What it does, or why it cannot be loaded") { $0.problem.isEmpty ? $0.summary : $0.problem },
    Column(\.owner, "owner", "Who maintains it"),
    Column(\.drillAge, "drill_age", "Time since the last successful drill: never, 3 h, 12 d"),
    Column(\.path, "path", "").unlisted,
  ]
}

import Journal
import PrimitiveKit

/// Everything about one run.
struct RunDetails: Record, Sendable {
  let header: RunHeader
  let entry: RunEntry
  /// The one it continues with: the changed one after `--with-new`.
  let runbook: RunbookReference?
  /// The hash of the plan that it is performed by.
  let plan: String?
  let steps: [StepEntry]
  let operations: [OperationEntry]
  let timeline: [AuditRecord]

  static var luaType: String { "run.Details" }
  static let columns: [Column<Self>] =
    RunEntry.columns.map { $0.within { $0.entry } } + [
      Column("arguments", "Its arguments", type: "table") { $0.header.arguments },
      Column(\.header.parent, "parent", "The run it undoes, or was forked from"),
      Column(\.header.hosts, "host_names", "Its hosts, fixed at the start"),
      Column(\.plan, "plan", "Hash of its plan"),
      Column("sha256", "SHA-256 of the runbook's bytes") { $0.runbook?.sha256 },
      Column(records: "steps", "In the order they started") { $0.steps },
      Column(records: "operations", "What it changed") { $0.operations },
      Column(records: "timeline", "What was recorded") { $0.timeline.map(TimelineEntry.init) },
    ]
}

/// Something that was recorded of a run.
struct TimelineEntry: Record, Sendable {
  let record: AuditRecord

  static var luaType: String { "run.Event" }
  static let columns: [Column<Self>] = [
    Column(time: "at", "When") { $0.record.at },
    Column(\.record.event, "event", "What happened"),
    Column(\.record.summary, "what", "To what"),
  ]

}

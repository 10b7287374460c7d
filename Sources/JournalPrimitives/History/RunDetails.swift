import Foundations
import Journal
import PrimitiveKit

/// Everything about one run.
struct RunDetails: Record, Sendable {
  let header: RunHeader
  let entry: RunEntry
  /// That it goes on with: the changed one after `--with-new`.
  let runbook: RunbookReference?
  /// The hash of the plan that it is carried out by.
  let plan: String?
  let steps: [StepEntry]
  let operations: [OperationEntry]
  let timeline: [AuditRecord]

  static var luaType: String { "run.Details" }
  static var fields: [FieldInfo] {
    RunEntry.fields + [
      FieldInfo("exit_code", "integer?", "What batch ended with"),
      FieldInfo("arguments", "table", "What it was given"),
      FieldInfo("parent", "string?", "The run it undoes, or was forked from"),
      FieldInfo("host_names", "string[]", "Its frozen set"),
      FieldInfo("plan", "string?", "Hash of its plan"),
      FieldInfo("sha256", "string?", "Of the runbook's bytes"),
      FieldInfo("steps", StepEntry.luaType + "[]", "In the order they were begun", fields: StepEntry.fields),
      FieldInfo("operations", OperationEntry.luaType + "[]", "What it changed", fields: OperationEntry.fields),
      FieldInfo("timeline", TimelineEntry.luaType + "[]", "What was written down", fields: TimelineEntry.fields),
    ]
  }

  var value: Value {
    var fields = entry.value.tableFields
    fields["arguments"] = header.arguments
    fields["host_names"] = header.hosts.value
    fields["plan"] = plan.value
    fields["sha256"] = (runbook?.sha256).value
    fields["parent"] = header.parent.value
    fields["exit_code"] = header.exitCode.value
    fields["steps"] = steps.value
    fields["operations"] = operations.value
    fields["timeline"] = timeline.map(TimelineEntry.init).value
    return .table(fields)
  }
}

/// Something that was written down of a run.
struct TimelineEntry: Record, Sendable {
  let record: AuditRecord

  static var luaType: String { "run.Event" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("at", "string", "UTC"),
      FieldInfo("event", "string", "What happened"),
      FieldInfo("what", "string", "To what"),
    ]
  }

  var value: Value {
    .table(["at": Instant.text(record.at).value, "event": record.event.value, "what": record.summary.value])
  }
}

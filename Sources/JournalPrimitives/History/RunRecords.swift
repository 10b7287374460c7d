import Foundations
import Journal
import PrimitiveKit

/// A run in a list.
struct RunEntry: Record, Sendable {
  let run: RunSummary
  /// Of the changed runbook that it went on with; nil where there is none.
  var newVersion: String?

  static var luaType: String { "run.Entry" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("id", "string", "Names the run"),
      FieldInfo("name", "string", "Runbook or primitive"),
      FieldInfo(
        "state",
        "string",
        "running, waiting, ok, partial, failed, halted, interrupted, detached, unknown, rolled_back, …"
      ),
      FieldInfo("took", "string", "From its begin to its end"),
      FieldInfo("why", "string", "It is in this state"),
      FieldInfo("operator", "string", "Who"),
      FieldInfo("kind", "string", "runbook, drill, call, script or rollback"),
      FieldInfo("hosts", "integer", "In its frozen set"),
      FieldInfo("version", "string", "Of the runbook"),
      FieldInfo("began", "string", "UTC"),
    ]
  }

  var value: Value {
    let end = run.endedAt ?? run.updatedAt
    return .table([
      "id": run.id.value, "name": run.name.value, "kind": run.kind.rawValue.value,
      "version": (newVersion ?? run.version ?? "").value,
      "state": run.state.rawValue.value, "began": Instant.text(run.startedAt).value,
      "took": Duration.milliseconds(end - run.startedAt).words.value, "hosts": run.hostCount.value,
      "operator": run.operatorName.value, "why": (run.stateReason ?? "").value,
    ])
  }
}

/// An operation of a run.
struct OperationEntry: Record, Sendable {
  let row: OperationRow
  /// Digest of the release that undoing it puts in place; nil when it is about something else.
  var previous: String?

  static var luaType: String { "run.Operation" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("step", "string", "Path of its step"),
      FieldInfo("kind", "string", "What kind of change"),
      FieldInfo("host", "string", "Where: a host, or another thing with its kind"),
      FieldInfo("state", "string", "open, done, failed, unknown or not_done"),
      FieldInfo("why", "string", "It failed"),
      FieldInfo("summary", "string", "In one line"),
      FieldInfo("target", "string", "What it changes"),
      FieldInfo("previous", "string?", "Digest of the image it replaced"),
      FieldInfo("adopted", "boolean", "Whether it was found done after a crash"),
      FieldInfo("run", "string", "Whose it is"),
      FieldInfo("key", "string", "Names it within the run"),
    ]
  }

  var value: Value {
    .table([
      "step": row.step.value, "kind": row.kind.value, "target": "\(row.target)".value,
      "state": row.state.rawValue.value,
      "summary": row.summary.value, "why": (row.failure?.message ?? row.resolution ?? "").value, "run": row.run.value,
      "key": row.key.value, "host": row.target.subject.value, "adopted": row.isAdopted.value,
      "previous": previous.value,
    ])
  }
}

/// A step of a run.
struct StepEntry: Record, Sendable {
  let row: StepRow

  static var luaType: String { "run.Step" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("step", "string", "Path"),
      FieldInfo("state", "string", "open, ok, failed or skipped"),
      FieldInfo("attempt", "integer", "The last one"),
      FieldInfo("took", "string", "The last attempt"),
      FieldInfo("why", "string", "It failed or was skipped"),
      FieldInfo("began", "string", "UTC"),
      FieldInfo("result", "any", "What it answered"),
    ]
  }

  var value: Value {
    let took = row.endedAt.map { Duration.milliseconds($0 - row.beganAt).words } ?? ""
    return .table([
      "step": row.path.value, "state": row.state.rawValue.value, "attempt": row.attempt.value,
      "began": Instant.text(row.beganAt).value, "took": took.value,
      "why": (row.failure?.message ?? row.reason ?? "").value, "result": row.result ?? .null,
    ])
  }
}

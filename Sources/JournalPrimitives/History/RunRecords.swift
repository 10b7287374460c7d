import Foundations
import Journal
import PrimitiveKit

/// A run in a list.
struct RunEntry: Record, Sendable {
  let run: RunSummary
  /// Of the changed runbook that it continued with; nil if the runbook did not change.
  var newVersion: String?
  var tally = RunTally()
  /// From its begin to its end, until now where it is under way, or until its last sign of life.
  let took: Duration

  static var luaType: String { "run.Entry" }
  static let columns: [Column<Self>] = [
    Column(\.run.id, "id", "Id of the run"),
    Column(\.run.name, "name", "Runbook or primitive"),
    Column(
      \.run.state.rawValue,
      "state",
      "running, waiting, ok, partial, failed, halted, interrupted, detached, unknown, rolled_back, …"
    ),
    Column("took", "From start to end, or so far") { $0.took.spent },
    Column("why", "Why it is in this state") { $0.run.stateReason ?? "" },
    Column(\.run.exitCode, "exit_code", "The exit code of batch mode; nil until it ends"),
    Column(\.tally.done, "done", "Operations applied, including those that found nothing to change"),
    Column(\.tally.failed, "failed", "Changes that failed"),
    Column(\.tally.unknown, "unknown", "Changes whose outcome is unknown, or that are in progress"),
    Column(\.run.operatorName, "operator", "Who"),
    Column(\.run.kind.rawValue, "kind", "runbook, drill, call, script or rollback"),
    Column(\.run.hostCount, "hosts", "Number of hosts, fixed at the start"),
    Column("version", "Of the runbook") { $0.newVersion ?? $0.run.version ?? "" },
    Column(time: "began", "When it was started") { $0.run.startedAt },
    Column(time: "ended", "When it ended; empty until then") { $0.run.endedAt },
  ]
}

/// An operation of a run.
struct OperationEntry: Record, Sendable {
  let row: OperationRow
  /// Digest of the release that undoing it puts in place; nil when it is about something else.
  var previous: String?

  static var luaType: String { "run.Operation" }
  static let columns: [Column<Self>] = [
    Column(\.row.step, "step", "Path of its step"),
    Column(\.row.kind, "kind", "Kind of change"),
    Column(\.row.target.subject, "host", "Where: the host, or another target with its kind"),
    Column(\.row.state.rawValue, "state", "open, done, failed, unknown or not_done"),
    Column("why", "Why it failed") { $0.row.failure?.message ?? $0.row.resolution ?? "" },
    Column(\.row.summary, "summary", "In one line"),
    Column("target", "What it changes") { "\($0.row.target)" },
    Column(\.previous, "previous", "Digest of the image it replaced"),
    Column(\.row.isAdopted, "adopted", "Whether a resume found it already done"),
    Column(\.row.run, "run", "The run it belongs to"),
    Column(\.row.key, "key", "Its name within the run"),
  ]

}

/// A step of a run.
struct StepEntry: Record, Sendable {
  let row: StepRow

  static var luaType: String { "run.Step" }
  static let columns: [Column<Self>] = [
    Column(\.row.path, "step", "Path"),
    Column(\.row.state.rawValue, "state", "open, ok, failed or skipped"),
    Column(\.row.attempt, "attempt", "Number of the last attempt"),
    Column("took", "Time of the last attempt") { entry in
      entry.row.endedAt.map { Duration.milliseconds($0 - entry.row.beganAt).spent } ?? ""
    },
    Column("why", "Why it failed or was skipped") { $0.row.failure?.message ?? $0.row.reason ?? "" },
    Column(time: "began", "When the last attempt was started") { $0.row.beganAt },
    Column("result", "What it returned") { $0.row.result ?? Value.null },
  ]
}

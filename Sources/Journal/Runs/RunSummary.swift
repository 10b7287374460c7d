import PrimitiveKit

/// A run as a line of a list shows it; times are milliseconds since 1970.
///
/// A list of thousands reads neither arguments nor the names of hosts.
package struct RunSummary: Sendable, Equatable {
  package let id: String
  /// Of the runbook, the primitive or the script.
  package let name: String
  package let kind: RunKind
  /// Of the runbook; nil for what is none.
  package let version: String?
  package var state: RunState
  package var stateReason: String?
  /// Which lease rows are the run's; nil without a lock.
  package let claim: String?
  package let operatorName: String
  /// In its frozen set.
  package let hostCount: Int
  package let startedAt: Int64
  package let updatedAt: Int64
  package let endedAt: Int64?
  package let exitCode: Int?

  /// Whether a process is at work on it, or was until it went without a word.
  package var isUnderWay: Bool { endedAt == nil && (state == .running || state == .waiting) }

  /// What a list shows of a run that is known whole.
  package init(_ run: RunHeader) {
    id = run.id
    name = run.name
    kind = run.kind
    version = run.runbook?.version
    state = run.state
    stateReason = run.stateReason
    claim = run.claim
    operatorName = run.identity.operatorName
    hostCount = run.hosts.count
    startedAt = run.startedAt
    updatedAt = run.updatedAt
    endedAt = run.endedAt
    exitCode = run.exitCode
  }

  /// The columns that `init(_:)` takes; hosts stand in lines.
  static let columns = """
    id, name, kind, runbook_version, state, state_reason, claim, operator_name, CAST(CASE WHEN hosts = '' THEN 0 \
    ELSE 1 + length(hosts) - length(replace(hosts, '\n', '')) END AS BIGINT), started_at, updated_at, ended_at, \
    exit_code
    """

  /// Reads a row of `columns`; throws `journal.corrupt`.
  init(_ row: [DatabaseValue]) throws(CallFailure) {
    var reader = RowReader(row, of: "runs")
    id = try reader.text()
    name = try reader.text()
    kind = try reader.word(RunKind.self)
    version = reader.optionalText()
    state = try reader.word(RunState.self)
    stateReason = reader.optionalText()
    claim = reader.optionalText()
    operatorName = try reader.text()
    hostCount = Int(try reader.int())
    startedAt = try reader.int()
    updatedAt = try reader.int()
    endedAt = reader.optionalInt()
    exitCode = reader.optionalInt().map { Int($0) }
  }
}

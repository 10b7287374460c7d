/// A table whose rows say again what audit records say, for those who have to be quick.
enum RecordedTable: String, CaseIterable {
  case runs
  case steps
  case operations
  case reads
  case questions
  case approvals
  case badReleases = "bad_releases"
  case fidelity

  /// The tables with rows of one run each.
  static let ofRuns: [RecordedTable] = [.runs, .steps, .operations, .reads, .questions, .fidelity]

  /// What messages call a row.
  var word: String {
    switch self {
    case .runs: "run"
    case .steps: "step"
    case .operations: "operation"
    case .reads: "answer"
    case .questions: "question"
    case .approvals: "approval"
    case .badReleases: "bad release"
    case .fidelity: "count of predictions"
    }
  }

  /// The column with the id of the run.
  var run: String { self == .runs ? "id" : "run" }

  /// The column that names the row within its run.
  var key: String {
    switch self {
    case .runs, .questions, .approvals: "id"
    case .steps: "path"
    case .operations, .reads: "key"
    case .badReleases: "digest"
    case .fidelity: "kind"
    }
  }

  /// What selects the place of the record that began it; 0 where rows have none.
  var begun: String { hasPlace ? "begun" : "CAST(0 AS BIGINT)" }

  /// Whether its rows keep the place of the record that began them.
  var hasPlace: Bool { ![.reads, .fidelity, .approvals, .badReleases].contains(self) }

  /// The columns that records tell of.
  var columns: [String] {
    switch self {
    case .runs:
      [
        "name", "kind", "runbook_name", "runbook_version", "runbook_sha256", "runbook_path", "arguments", "hosts",
        "plan_hash", "parent", "state", "state_reason", "epoch", "claim", "operator_name", "login", "host", "boot",
        "pid", "start_ticks", "exit_code",
      ]
    case .steps: ["arguments_hash", "attempt", "state", "result", "failure", "reason"]
    case .operations:
      [
        "step", "kind", "target", "effect", "summary", "content", "state", "outcome", "inverse", "failure", "epoch",
        "adopted",
        "resolution",
      ]
    case .reads: ["content"]
    case .questions: ["step", "words", "choices", "evidence", "answer", "answered_by"]
    case .approvals:
      [
        "plan_hash", "hosts_hash", "name", "requester", "approver", "reason", "signature", "max_uses", "uses",
        "created_at", "expires_at", "document",
      ]
    case .badReleases: ["image", "run", "reason", "marked_by", "marked_at"]
    case .fidelity: ["predicted", "matched"]
    }
  }
}

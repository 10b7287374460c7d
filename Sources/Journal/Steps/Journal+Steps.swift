import Foundations
package import PrimitiveKit

extension Journal {
  /// Records that a step begins; one that was there before begins again and forgets its end.
  ///
  /// Throws `journal.*`, and `run.taken` when another process has taken the run up; so do the other two.
  package func beginStep(run: String, path: String, argumentsHash: String, attempt: Int) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      try await change.ownership.requireOwn(run)
      try await change.beginStep(run: run, path: path, argumentsHash: argumentsHash, attempt: attempt)
    }
  }

  /// Records how a step ended.
  ///
  /// Throws `journal.*`, also for a step that never began.
  package func endStep(run: String, path: String, end: StepEnd) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      try await change.ownership.requireOwn(run)
      try await change.endStep(run: run, path: path, end: end)
    }
  }

  /// Opens a step again that ended, as its next attempt; its operations stay as they are.
  package func reopenStep(run: String, path: String) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      try await change.ownership.requireOwn(run)
      let rows = try await change.query(
        """
        UPDATE steps SET state = 'open', attempt = attempt + 1, result = NULL, failure = NULL, reason = NULL,
          ended_at = NULL WHERE run = $1 AND path = $2 RETURNING attempt
        """,
        [.text(run), .text(path)]
      )
      guard let attempt = rows.first?.first?.int else { throw Journal.noStep(path, run: run) }
      try await change.audit("step.reopen", run: run, ["step": .string(path), "attempt": .int(attempt)])
    }
  }

  /// The steps of a run in the order they first began.
  package func steps(of run: String) async throws(CallFailure) -> [StepRow] {
    try await look { (session) throws(CallFailure) in
      let rows = try await session.query(
        "SELECT \(StepRow.columns) FROM steps WHERE run = $1 ORDER BY begun",
        [.text(run)]
      )
      var steps: [StepRow] = []
      for row in rows { steps.append(try StepRow(row)) }
      return steps
    }
  }

  static func noStep(_ path: String, run: String) -> CallFailure {
    CallFailure(.journal, code: "journal.failed", message: "run \(run) has no step '\(path)' in the journal")
  }
}

extension StepRow {
  fileprivate static let columns =
    "path, arguments_hash, attempt, state, result, failure, reason, began_at, ended_at, begun"

  fileprivate init(_ row: [DatabaseValue]) throws(CallFailure) {
    var reader = RowReader(row, of: "steps")
    path = try reader.text()
    argumentsHash = try reader.text()
    attempt = Int(try reader.int())
    state = try reader.word(StepState.self)
    result = try reader.optionalJSON(Value.self)
    failure = try reader.optionalJSON(CallFailure.self)
    reason = reader.optionalText()
    beganAt = try reader.int()
    endedAt = reader.optionalInt()
    place = try reader.int()
  }
}

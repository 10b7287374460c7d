import Foundations
import PrimitiveKit

extension JournalChange {
  /// Records that a step begins; one that was there before begins again and forgets its end.
  func beginStep(run: String, path: String, argumentsHash: String, attempt: Int) async throws(CallFailure) {
    let begun = try await audit(
      "step.begin",
      run: run,
      ["step": .string(path), "arguments_sha256": .string(argumentsHash), "attempt": .int(Int64(attempt))]
    )
    try await query(
      """
      INSERT INTO steps(run, path, begun, arguments_hash, attempt, state, began_at)
      VALUES ($1, $2, $3, $4, $5, 'open', $6)
      ON CONFLICT (run, path) DO UPDATE SET arguments_hash = excluded.arguments_hash, attempt = excluded.attempt,
        state = 'open', result = NULL, failure = NULL, reason = NULL, began_at = excluded.began_at, ended_at = NULL
      """,
      [.text(run), .text(path), .int(begun), .text(argumentsHash), .int(Int64(attempt)), .int(at)]
    )
  }

  /// Records how a step ended; throws `journal.failed` for one that never began.
  func endStep(run: String, path: String, end: StepEnd) async throws(CallFailure) {
    var state = StepState.ok
    var result: String?
    var failure: String?
    var reason: String?
    switch end {
    case .ok(let value): result = try OperationCoding().encode(value)
    case .failed(let error):
      state = .failed
      failure = try OperationCoding().encode(error)
    case .skipped(let why):
      state = .skipped
      reason = why
    }
    let values: [DatabaseValue] = [.text(state.rawValue), .optional(result), .optional(failure), .optional(reason)]
    let rows = try await query(
      """
      UPDATE steps SET state = $3, result = $4, failure = $5, reason = $6, ended_at = $7 WHERE run = $1 AND path = $2
      RETURNING path
      """,
      [.text(run), .text(path)] + values + [.int(at)]
    )
    if rows.isEmpty { throw Journal.noStep(path, run: run) }
    try await audit(
      "step.end",
      run: run,
      [
        "step": .string(path), "state": .string(state.rawValue), "failure": .raw(failure ?? "null"),
        "reason": .optional(reason), "result_sha256": .optional(result.map { SHA256(hashing: $0.utf8).hex }),
      ]
    )
  }

  /// Writes a step of another run down as one of this run.
  func adopt(_ step: StepRow, run: String) async throws(CallFailure) {
    try await beginStep(run: run, path: step.path, argumentsHash: step.argumentsHash, attempt: step.attempt)
    if let end = step.end { try await endStep(run: run, path: step.path, end: end) }
  }
}

extension StepRow {
  /// How it ended; nil for one that is open.
  fileprivate var end: StepEnd? {
    switch state {
    case .open: nil
    case .ok: .ok(result ?? .null)
    case .skipped: .skipped(reason: reason ?? "")
    case .failed: failure.map { .failed($0) }
    }
  }
}

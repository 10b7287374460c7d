import Foundations
import PrimitiveKit

/// Writes the operations of one run into the journal, each word in a commit of its own.
struct JournalRecord: RunRecord {
  let journal: Journal
  let run: String
  let claim: String?

  func intend(_ intent: OperationIntent) async throws(CallFailure) {
    try await journal.change { (change) throws(CallFailure) in
      if let claim { try await requireLease(claim, change) }
      try await change.intend(intent, run: run)
    }
  }

  /// Writes the end of an operation while the run is this process's: nobody has taken it up under another claim.
  ///
  /// Whether the lease still lives does not matter: what a host says late is true, as long as nobody else answers for the run.
  /// Throws `run.taken` and `journal.*`.
  func settle(_ key: String, _ end: OperationEnd) async throws(CallFailure) {
    try await journal.change { (change) throws(CallFailure) in
      guard try await !change.settle(key, end, run: run, claim: claim) else { return }
      try await requireClaim(change)
      throw CallFailure(
        .journal,
        code: "journal.failed",
        message: "run \(run) has no open operation '\(key)' in the journal"
      )
    }
  }

  /// Throws `run.taken` as `settle` does.
  func keep(_ json: String, of key: String) async throws(CallFailure) {
    try await journal.change { (change) throws(CallFailure) in
      try await requireClaim(change)
      try await change.keep(json, of: key, run: run)
    }
  }

  /// Throws `run.taken` when the run was taken up under another claim since.
  private func requireClaim(_ change: JournalChange) async throws(CallFailure) {
    let rows = try await change.query("SELECT \(RunHeader.columns) FROM runs WHERE id = $1", [.text(run)])
    guard let row = rows.first else { return }
    let owner = try RunHeader(row)
    if owner.claim ?? "" == claim ?? "" { return }
    throw RunOwnership.taken(run, by: owner.identity)
  }

  /// Throws `lock.lost` unless the claim has lease rows and none has expired; a person's sticky one never does.
  private func requireLease(_ claim: String, _ change: JournalChange) async throws(CallFailure) {
    let held = try await change.query("SELECT scope FROM leases WHERE claim = $1 LIMIT 1", [.text(claim)])
    let expired = try await change.query(
      "SELECT scope FROM leases WHERE claim = $1 AND sticky = 0 AND expires_at <= $2 LIMIT 1",
      [.text(claim), .int(change.at)]
    )
    if !held.isEmpty, expired.isEmpty { return }
    let what = expired.first?.first?.text.map { "its lease on \($0) has expired" } ?? "its lock was released or broken"
    throw CallFailure(
      .journal,
      .lockLost,
      code: "lock.lost",
      message: "run \(run) lost its lock: \(what)",
      hint: "nothing was sent; resume(\"\(run)\") to take the lock again"
    )
  }
}

extension JournalChange {
  /// Records what is about to be sent; throws `journal.failed` for what is recorded already.
  func intend(_ intent: OperationIntent, run: String) async throws(CallFailure) {
    let target = try OperationCoding().encode(intent.target)
    let begun = try await audit(
      "operation.intend",
      run: run,
      [
        "key": .string(intent.key), "step": .string(intent.step), "kind": .string(intent.kind),
        "target": .raw(target), "host": .optional(intent.target.hostName), "effect": .string(intent.effect.rawValue),
        "summary": .string(intent.summary), "operation": .raw(intent.text), "epoch": .optional(intent.epoch),
      ]
    )
    // Only an operation that an operator found not to have happened is sent a second time.
    let rows = try await query(
      """
      INSERT INTO operations(
        run, key, begun, step, kind, target, effect, summary, content, state, epoch, intended_at, adopted)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10, $11, 0)
      ON CONFLICT (run, key) DO UPDATE SET state = 'open', epoch = excluded.epoch, outcome = NULL, inverse = NULL,
        failure = NULL, intended_at = excluded.intended_at, settled_at = NULL, resolution = NULL
      WHERE operations.state = 'not_done' RETURNING key
      """,
      [
        .text(run), .text(intent.key), .int(begun), .text(intent.step), .text(intent.kind), .text(target),
        .text(intent.effect.rawValue), .text(intent.summary), .text(intent.text), .optional(intent.epoch),
        .int(at),
      ]
    )
    if rows.isEmpty {
      throw CallFailure(
        .journal,
        code: "journal.failed",
        message: "run \(run) has already recorded '\(intent.key)'",
        hint: "check for another process working on the same run"
      )
    }
  }

  /// Records how an operation ended; false where none is open, or the run is no longer that of the claim.
  func settle(_ key: String, _ end: OperationEnd, run: String, claim: String?) async throws(CallFailure) -> Bool {
    let row = try Settlement(end)
    // Its real outcome outweighs what an operator said meanwhile.
    let rows = try await query(
      """
      UPDATE operations SET state = $3, outcome = $4, inverse = $5, failure = $6, adopted = $7, settled_at = $8,
        resolution = NULL
      WHERE run = $1 AND key = $2 AND (state IN ('open', 'unknown') OR resolution IS NOT NULL)
        AND EXISTS (SELECT 1 FROM runs WHERE runs.id = operations.run AND COALESCE(runs.claim, '') = $9) RETURNING key
      """,
      [.text(run), .text(key)] + row.values + [.int(at), .text(claim ?? "")]
    )
    if rows.isEmpty { return false }
    var fields = row.fields
    fields["key"] = .string(key)
    try await audit("operation.settle", run: run, fields)
    return true
  }
}

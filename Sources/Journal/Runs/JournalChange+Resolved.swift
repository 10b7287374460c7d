import Foundations
import PrimitiveKit

extension JournalChange {
  /// Ends the doubt about a run whose last change of unknown outcome was resolved: it is what it would be without them.
  ///
  /// It stays resumable, because only its runbook knows what follows from what was found.
  func settleDoubt(of run: String) async throws(CallFailure) {
    let rows = try await query(
      """
      SELECT state, state_reason FROM runs WHERE id = $1 AND state IN ('unknown', 'detached') AND NOT EXISTS (
        SELECT 1 FROM operations WHERE operations.run = runs.id AND operations.state IN ('open', 'unknown'))
      """,
      [.text(run)]
    )
    guard let row = rows.first else { return }
    let isDetached = row[0].text == RunState.detached.rawValue
    let state = isDetached ? RunState.interrupted : .failed
    let code = isDetached ? ExitCode.interrupted : .failuresWithinBudget
    let reason = row[1].text ?? "its unknown outcomes were resolved"
    try await query(
      "UPDATE runs SET state = $2, state_reason = $3, exit_code = $4, updated_at = $5 WHERE id = $1",
      [.text(run), .text(state.rawValue), .text(reason), .int(Int64(code.rawValue)), .int(at)]
    )
    try await audit(
      "run.state",
      run: run,
      [
        "state": .string(state.rawValue), "reason": .string(reason), "exit_code": .int(Int64(code.rawValue)),
      ]
    )
  }
}

package import PrimitiveKit

extension Journal {
  /// The steps of a run as they ended: one that is open again, so that a resume tries it once more, as the attempt that
  /// failed.
  ///
  /// Throws `journal.*`.
  package func endedSteps(of run: String) async throws(CallFailure) -> [StepRow] {
    let rows = try await steps(of: run)
    guard rows.contains(where: { $0.state == .open && $0.attempt > 1 }) else { return rows }
    let records = try await look { (session) throws(CallFailure) in
      try await session.query(
        """
        SELECT event, at, body FROM audit WHERE run = $1 AND event IN ('step.begin', 'step.end', 'step.reopen') ORDER BY seq
        """,
        [.text(run)]
      )
    }
    var ends: [String: (at: Int64, fields: AuditFields)] = [:]
    var reopened: Set<String> = []
    for record in records {
      let fields = AuditFields(record[2].text ?? "{}")
      guard let path = fields.text("step") else { continue }
      switch record[0].text {
      case "step.end": ends[path] = (record[1].int ?? 0, fields)
      case "step.reopen": reopened.insert(path)
      default: reopened.remove(path)
      }
    }
    return rows.map { row in
      guard row.state == .open, reopened.contains(row.path), let end = ends[row.path] else { return row }
      return StepRow(row, endedAt: end.at, end.fields) ?? row
    }
  }
}

extension StepRow {
  /// The attempt before, as the record of its end tells it; nil for one that did not fail.
  fileprivate init?(_ row: StepRow, endedAt: Int64, _ fields: AuditFields) {
    guard fields.text("state") == StepState.failed.rawValue,
      let failure = try? OperationCoding().decode(CallFailure.self, from: fields.json("failure") ?? "null")
    else { return nil }
    path = row.path
    argumentsHash = row.argumentsHash
    attempt = row.attempt - 1
    state = .failed
    result = nil
    self.failure = failure
    reason = nil
    beganAt = row.beganAt
    self.endedAt = endedAt
    place = row.place
  }
}

package import PrimitiveKit

extension Journal {
  /// Lists runs like `runs`, and of each only what a list shows.
  ///
  /// Throws `journal.*`.
  package func summaries(_ filter: RunFilter = RunFilter()) async throws(CallFailure) -> [RunSummary] {
    try await look { (session) throws(CallFailure) in
      let condition = RunCondition(filter)
      let rows = try await session.query(
        "SELECT \(RunSummary.columns) FROM runs\(condition.text) ORDER BY begun DESC\(condition.limit)",
        condition.arguments
      )
      var runs: [RunSummary] = []
      runs.reserveCapacity(rows.count)
      for row in rows { runs.append(try RunSummary(row)) }
      if runs.contains(where: { $0.state == .running }) {
        let judged = try await judged(session)
        for index in runs.indices where runs[index].state == .running {
          guard let run = judged[runs[index].id] else { continue }
          (runs[index].state, runs[index].stateReason) = (run.state, run.stateReason)
        }
      }
      if let states = filter.states { runs.removeAll { !states.contains($0.state) } }
      return Array(runs.prefix(max(0, filter.limit)))
    }
  }

  /// Runs that run by their row, and that nobody works on or that wait for an answer, by id.
  private func judged(_ session: any DatabaseSession) async throws(CallFailure) -> [String: RunHeader] {
    let liveness = try await RunLiveness(session, seenFrom: identity)
    var found: [String: RunHeader] = [:]
    for row in try await session.query("SELECT \(RunHeader.columns) FROM runs WHERE state = 'running'", []) {
      let run = liveness.judge(try RunHeader(row))
      if run.state != .running { found[run.id] = run }
    }
    return found
  }
}

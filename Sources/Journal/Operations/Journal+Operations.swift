import Foundations
package import PrimitiveKit

extension Journal {
  /// Where a run writes its operations down.
  ///
  /// With a claim, an intent is written only while the claim's lease rows are live, else it throws `lock.lost`.
  package func record(of run: String, claim: String?) -> any RunRecord {
    JournalRecord(journal: self, run: run, claim: claim)
  }

  /// What earlier processes of a run left; the texts it refers to are in `texts` as long as it is held.
  package func replay(of run: String) async throws(CallFailure) -> RunReplay {
    try await look { (session) throws(CallFailure) in
      var replay = RunReplay()
      var hashes: Set<String> = []
      for row in try await session.query("SELECT key, content FROM reads WHERE run = $1", [.text(run)]) {
        var reader = RowReader(row, of: "reads")
        let key = try reader.text()
        replay.reads[key] = try reader.text()
        TextReferences.collect(row, &hashes)
      }
      let rows = try await session.query(
        "SELECT key, state, outcome, failure FROM operations WHERE run = $1",
        [.text(run)]
      )
      for row in rows {
        var reader = RowReader(row, of: "operations")
        let key = try reader.text()
        replay.operations[key] = try RunReplay.Past(&reader)
        TextReferences.collect(row, &hashes)
      }
      replay.texts = try await hold(hashes, session)
      return replay
    }
  }

  /// What runs keep under one key, as JSON, by run; runs that keep nothing under it are left out.
  ///
  /// Throws `journal.*`.
  package func kept(_ key: String, of runs: [String]) async throws(CallFailure) -> [String: String] {
    try await look { (session) throws(CallFailure) in
      var kept: [String: String] = [:]
      // Databases take only so many values in one statement.
      for start in stride(from: 0, to: runs.count, by: 500) {
        let some = runs[start..<min(start + 500, runs.count)]
        let places = (0..<some.count).map { "$\($0 + 2)" }.joined(separator: ", ")
        let rows = try await session.query(
          "SELECT run, content FROM reads WHERE key = $1 AND run IN (\(places))",
          [.text(key)] + some.map { .text($0) }
        )
        for row in rows {
          var reader = RowReader(row, of: "reads")
          let run = try reader.text()
          kept[run] = try reader.text()
        }
      }
      return kept
    }
  }

  /// The operations of a run in the order of their intents.
  ///
  /// Who reads them again as operations wants the long texts that they refer to: `withTexts`.
  package func operations(of run: String, withTexts: Bool = false) async throws(CallFailure) -> [OperationRow] {
    try await operations("WHERE run = $1 ORDER BY begun", [.text(run)], withTexts: withTexts)
  }

  /// Operations whose end is unknown, of one run or of all, leaving out what a live run is still busy with.
  package func unresolved(run: String? = nil) async throws(CallFailure) -> [OperationRow] {
    let states = "state IN ('open', 'unknown')"
    let all =
      if let run {
        try await operations("WHERE \(states) AND run = $1 ORDER BY begun", [.text(run)])
      } else {
        try await operations("WHERE \(states) ORDER BY begun", [])
      }
    var isLive: [String: Bool] = [:]
    for id in Set(all.filter { $0.state == .open }.map(\.run)) { isLive[id] = try await self.run(id).isUnderWay }
    return all.filter { $0.state == .unknown || isLive[$0.run] != true }
  }

  /// Takes an operator's word for the outcome of an operation.
  ///
  /// A resumed run gets `outcome`, the JSON of the operation's outcome, for one that is done. With the last one the run's
  /// end is no longer unknown. Throws `journal.*`, `call.argument` for a blank reason, and `run.resolved` for one whose end
  /// is known.
  package func resolve(
    run: String,
    key: String,
    isDone: Bool,
    outcome: String? = nil,
    reason: String,
    isInDoubt: Bool = false
  ) async throws(CallFailure) {
    try GivenReason.require(reason, of: "resolve", advice: "say how you know, for example \"looked at its log\"")
    let state = isDone ? OperationState.done : .notDone
    try await change { (change) throws(CallFailure) in
      let rows = try await change.query(
        """
        UPDATE operations SET state = $3, outcome = $4, failure = NULL, resolution = $5, settled_at = $6
        WHERE run = $1 AND key = $2
          AND (state IN ('open', 'unknown') OR resolution IS NOT NULL OR (state = 'done' AND $7 = 1)) RETURNING key
        """,
        [
          .text(run), .text(key), .text(state.rawValue), .optional(outcome), .text(reason), .int(change.at),
          .int(isInDoubt ? 1 : 0),
        ]
      )
      if rows.isEmpty {
        throw CallFailure(
          .refused,
          code: "run.resolved",
          message: "run \(run) has no operation '\(key)' with an unknown outcome",
          hint: "see its operations with run(\"\(run)\")"
        )
      }
      try await change.audit(
        "operation.resolve",
        run: run,
        [
          "key": .string(key), "status": .string(state.rawValue), "reason": .string(reason),
          "outcome": .raw(outcome ?? "null"),
        ]
      )
      try await change.settleDoubt(of: run)
    }
  }

  /// Lets an operation that failed be sent again by whoever resumes the run.
  ///
  /// Throws `journal.*`, and `run.resolved` for one that did not fail.
  package func reopenOperation(run: String, key: String) async throws(CallFailure) {
    try await change { (change) throws(CallFailure) in
      try await change.ownership.requireOwn(run)
      let rows = try await change.query(
        """
        UPDATE operations SET state = 'not_done', outcome = NULL, failure = NULL, resolution = 'tried again on resume'
        WHERE run = $1 AND key = $2 AND state = 'failed' RETURNING key
        """,
        [.text(run), .text(key)]
      )
      if rows.isEmpty {
        throw CallFailure(.refused, code: "run.resolved", message: "run \(run) has no operation '\(key)' that failed")
      }
      try await change.audit("operation.reopen", run: run, ["key": .string(key)])
    }
  }

  private func operations(
    _ condition: String,
    _ arguments: [DatabaseValue],
    withTexts: Bool = false
  ) async throws(CallFailure) -> [OperationRow] {
    try await look { (session) throws(CallFailure) in
      var found: [OperationRow] = []
      for row in try await session.query("SELECT \(OperationRow.columns) FROM operations \(condition)", arguments) {
        var hashes: Set<String> = []
        if withTexts { TextReferences.collect(row, &hashes) }
        found.append(try OperationRow(row, texts: try await hold(hashes, session)))
      }
      return found
    }
  }
}

extension RunReplay.Past {
  /// Reads `state`, `outcome`, `failure`; throws `journal.corrupt` and `journal.coding`.
  fileprivate init(_ reader: inout RowReader) throws(CallFailure) {
    let state = try reader.word(OperationState.self)
    let outcome = reader.optionalText()
    let failure = try reader.optionalJSON(CallFailure.self)
    switch state {
    case .open, .unknown: self = .open
    case .notDone: self = .notDone
    case .done: self = outcome.map { .done($0) } ?? .happened
    case .failed: self = failure.map { .failed($0) } ?? .open
    }
  }
}

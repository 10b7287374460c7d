package import PrimitiveKit

/// How many operations of a run stand where.
package struct RunTally: Sendable, Equatable {
  /// That succeeded.
  package var done = 0
  package var failed = 0
  /// Whose outcome is unknown, those that are under way included.
  package var unknown = 0

  package init() {}

  /// Counts as failed what did not succeed at its last attempt; `short` of them are done, and not what was asked for.
  package mutating func judge(failed count: Int, short: Int) {
    done -= short
    failed = count
  }

  mutating func add(_ count: Int, _ state: OperationState) {
    switch state {
    case .done: done += count
    case .failed: failed += count
    case .open, .unknown: unknown += count
    case .notDone: break
    }
  }
}

extension Journal {
  /// How many operations of these runs stand where; runs without any are left out.
  ///
  /// Throws `journal.*`.
  package func tallies(of runs: [String]) async throws(CallFailure) -> [String: RunTally] {
    var found: [String: RunTally] = [:]
    let counts = try await ofRuns(runs) {
      "SELECT run, state, COUNT(*) FROM operations WHERE run IN (\($0)) GROUP BY run, state"
    }
    for row in counts {
      var reader = RowReader(row, of: "operations")
      let run = try reader.text()
      let state = try reader.word(OperationState.self)
      found[run, default: RunTally()].add(Int(try reader.int()), state)
    }
    return found
  }

  /// When something was last recorded of these runs, in milliseconds since 1970; and the time now, both by the
  /// database's clock.
  ///
  /// Throws `journal.*`.
  package func lastSigns(of runs: [String]) async throws(CallFailure) -> (now: Int64, last: [String: Int64]) {
    let now = try await look { (session) throws(CallFailure) in try await session.now() }
    var last: [String: Int64] = [:]
    for row in try await ofRuns(runs, { "SELECT run, MAX(at) FROM audit WHERE run IN (\($0)) GROUP BY run" }) {
      var reader = RowReader(row, of: "audit")
      last[try reader.text()] = try reader.int()
    }
    return (now, last)
  }

  /// The rows of a statement about runs; it gets the places of their ids.
  private func ofRuns(_ runs: [String], _ statement: @Sendable (String) -> String) async throws(CallFailure)
    -> [[DatabaseValue]]
  {
    try await look { (session) throws(CallFailure) in
      var rows: [[DatabaseValue]] = []
      // Databases take only so many values in one statement.
      for start in stride(from: 0, to: runs.count, by: 500) {
        let some = runs[start..<min(start + 500, runs.count)]
        let places = (0..<some.count).map { "$\($0 + 1)" }.joined(separator: ", ")
        rows += try await session.query(statement(places), some.map { .text($0) })
      }
      return rows
    }
  }
}

package import Journal
package import PrimitiveKit

/// What a run began with, as the journal keeps it.
extension RunRegistry {
  /// The plan of a run and who wanted it, for whoever approves it.
  ///
  /// Throws `run.not_found`, and `run.differs` for a run without a plan.
  package func plan(of id: String) async throws(CallFailure) -> (Plan, requester: String) {
    let header = try await journal.run(id)
    guard let text = try await journal.replay(of: header.id).reads["plan"] else {
      throw CallFailure(.refused, code: "run.differs", message: "run \(header.id) has no plan to approve")
    }
    return (try coding.decode(Plan.self, from: text), header.identity.operatorName)
  }

  /// The plan of a run that waits for an approval, and who asked for it.
  ///
  /// Throws `approval.not_waiting` for any other run, and `journal.*`.
  package func waitingPlan(of id: String) async throws(CallFailure) -> (Plan, requester: String) {
    let header = try await journal.run(id)
    guard header.state == .waiting, !header.isUnderWay else {
      throw CallFailure(
        .invalid,
        code: "approval.not_waiting",
        message: "run \(header.id) (\(header.name)) is not waiting for an approval: it is \(header.state.rawValue)",
        hint: "`opsh runs` shows which runs are waiting"
      )
    }
    return try await plan(of: header.id)
  }

  /// What a run has changed, or planned to.
  package func targets(of header: RunHeader) async throws(CallFailure) -> [OperationTarget] {
    let done = try await journal.operations(of: header.id).map(\.target)
    guard let text = try await journal.kept("plan", of: [header.id])[header.id] else { return done }
    return done + (try coding.decode(Plan.self, from: text).operations.map(\.target))
  }

  /// The runbook of a run: the one it began with, or the changed one that a resume took.
  package func reference(of header: RunHeader) async throws(CallFailure) -> RunbookReference {
    if let text = try await journal.replay(of: header.id).reads["runbook"] {
      return try coding.decode(RunbookReference.self, from: text)
    }
    if let reference = header.runbook { return reference }
    throw CallFailure(
      .refused,
      code: "run.differs",
      message: "run \(header.id) has no runbook, so it cannot be resumed"
    )
  }

  /// The seed and the plan that the run began with.
  package func kept(_ replay: RunReplay, _ id: String) throws(CallFailure) -> (UInt64, Plan) {
    guard let seed = replay.reads["seed"], let plan = replay.reads["plan"] else {
      throw CallFailure(
        .refused,
        code: "run.differs",
        message: "run \(id) stopped before its plan was recorded; nothing was changed",
        hint: "start it again"
      )
    }
    return (
      try coding.decode(UInt64.self, from: seed), try coding.decode(Plan.self, from: plan)
    )
  }

  /// The changed runbooks that runs continued with, by run; the record of what they began with stays.
  package func renewed(_ runs: [String]) async throws(CallFailure) -> [String: RunbookReference] {
    var found: [String: RunbookReference] = [:]
    for (run, text) in try await journal.kept("runbook", of: runs) {
      found[run] = try coding.decode(RunbookReference.self, from: text)
    }
    return found
  }

  /// The hash of the plan that a run is performed by: of the newest one, where a changed runbook made it.
  package func planHash(of header: RunHeader) async throws(CallFailure) -> String? {
    if try await renewed([header.id]).isEmpty { return header.planHash }
    guard let text = try await journal.kept("plan", of: [header.id])[header.id] else { return header.planHash }
    return try coding.decode(Plan.self, from: text).hash
  }

  /// The rollback of a run that has begun and not succeeded; nil for none.
  package func unfinishedRollback(of id: String) async throws(CallFailure) -> RunHeader? {
    let rollbacks = try await journal.runs(RunFilter(kinds: [.rollback], parent: id))
    return rollbacks.first { ![.ok, .cancelled].contains($0.state) }
  }
}

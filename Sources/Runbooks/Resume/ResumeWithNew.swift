import Journal
import PrimitiveKit
import RunbookHeader
import Runs

/// Lets the present text of a runbook continue a run that began with an older one.
struct ResumeWithNew: Sendable {
  let planner: RunbookPlanner
  let confirmation: PlanConfirmation
  let approvals: any PlanAdmission

  /// Lets a changed runbook continue a run: the rest is planned, admitted and confirmed as a new run would be.
  ///
  /// Throws `run.differs` with the first step that is not as it was, `approval.*` and `plan.declined`.
  func admit(
    _ book: RunbookFile,
    _ arguments: RunbookArguments,
    _ before: Plan,
    seed: UInt64,
    policy: FailurePolicy,
    _ lock: RunHold,
    _ id: String,
    _ registry: RunRegistry
  ) async throws(CallFailure) -> Plan {
    let past = PlannedPast(
      steps: try await registry.journal.steps(of: id),
      replay: try await registry.journal.replay(of: id),
      check: before.check
    )
    let now = try await planner.held(by: lock, nil) { () async throws(CallFailure) in
      try await planner.plan(book, arguments, id: id, seed: seed, policy: policy, past: past)
    }
    try compare(past.steps, now, id)
    planner.show(now)
    let asked = try await confirmation.confirm(now, book, run: id)
    // It can be used once.
    try await approvals.admit(now, run: id, effects: book.header.effects)
    if let asked {
      var question = asked.question
      question.id = "proceed with \(now.hash.prefix(12))"
      try await registry.journal.keep(AnsweredQuestion(question, answer: asked.answer, by: asked.answeredBy), run: id)
    }
    return now
  }

  /// Writes the changed runbook down: whoever resumes the run next uses it.
  func keep(_ plan: Plan, _ book: RunbookFile, in run: Run, _ lock: RunHold, _ registry: RunRegistry)
    async throws(CallFailure)
  {
    _ = registry.journal.texts.intern(book.source)
    let record = registry.journal.record(of: run.id, claim: lock.claim)
    try await record.keep(try registry.coding.encode(plan.runbook), of: "runbook")
    try await record.keep(try registry.coding.encode(plan), of: "plan")
  }

  /// A changed runbook may continue only where everything it did so far is the same.
  private func compare(_ past: [StepRow], _ now: Plan, _ id: String) throws(CallFailure) {
    let planned = now.steps.filter { !$0.path.contains("/") && !$0.argumentsHash.isEmpty }
    let executed = past.filter { !$0.path.contains("/") && !($0.state == .open && $0.path.hasSuffix(" (released)")) }
    for (position, row) in executed.enumerated() {
      let step = planned.indices.contains(position) ? planned[position] : nil
      if let step, step.path == row.path, step.argumentsHash == row.argumentsHash { continue }
      let found = step.map { $0.path == row.path ? "'\($0.path)' with other options" : "'\($0.path)'" } ?? "nothing"
      throw CallFailure(
        .refused,
        code: "run.differs",
        message: "step \(position + 1) was '\(row.path)'; the changed runbook has \(found) there",
        hint: "`opsh resume \(id)` continues with the old file; `opsh fork \(id) --from \"\(row.path)\"` starts a new "
          + "run there"
      )
    }
  }
}

import PrimitiveKit
import Runs

extension Job {
  /// Decides about a failed step: the operator at a prompt, else the policy; for a plan, which nobody is asked about, the
  /// policy alone.
  nonisolated func decide(
    _ path: String,
    _ attempt: Int,
    _ failure: CallFailure,
    _ options: StepOptions,
    _ choices: [FailureDecision]
  ) async throws(CallFailure) -> FailureDecision {
    if mode == .dry, (options.onFailure ?? policy) == .skip {
      await remark("would be skipped: step '\(path)': \(failure.message)")
      return .skip
    }
    guard mode == .live, await failures.abort == nil else { return .abort }
    // What was decided before this process began stands, whoever is here now.
    if let answer = try await questions.answer(run: run.id, id: "\(path)~\(attempt)") {
      let decision = FailureDecision(rawValue: answer) ?? .abort
      await heed(decision, failure)
      return decision
    }
    if (options.onFailure ?? policy) == .skip { return .skip }
    guard options.onFailure == nil, questions.canAsk, !choices.isEmpty else { return .abort }
    let answer = try await questions.choose(
      run: run.id,
      id: "\(path)~\(attempt)",
      text: "step '\(path)' failed: \(failure.message)",
      evidence: ([failure.hint] + failure.trace.prefix(3).map { $0 }).compactMap(\.self).joined(separator: "\n"),
      choices: choices.map(\.rawValue)
    )
    let decision = FailureDecision(rawValue: answer) ?? .abort
    await heed(decision, failure)
    return decision
  }

  /// Takes up a step that an earlier process saw fail, with what its operator decided then.
  nonisolated func replay(_ failure: CallFailure, at path: String, _ attempt: Int, _ options: StepOptions)
    async throws(CallFailure)
  {
    await note(failure, at: path, options)
    guard mode == .live, let answer = try await questions.answer(run: run.id, id: "\(path)~\(attempt)") else { return }
    await heed(FailureDecision(rawValue: answer) ?? .abort, failure)
  }

  private func heed(_ decision: FailureDecision, _ failure: CallFailure) {
    switch decision {
    case .abort: failures.end(failure, rollingBack: false)
    case .rollback: failures.end(failure, rollingBack: true)
    case .retry, .skip, .exclude: break
    }
  }
}

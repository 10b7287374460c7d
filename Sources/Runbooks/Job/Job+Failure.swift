import PrimitiveKit

extension Job {
  /// Decides about a failed step: the operator at a prompt, else the policy.
  nonisolated func decide(
    _ path: String,
    _ attempt: Int,
    _ failure: CallFailure,
    _ options: StepOptions,
    _ choices: [FailureDecision]
  ) async throws(CallFailure) -> FailureDecision {
    guard mode == .live, await !isEnding else { return .abort }
    let policy = options.onFailure ?? policy
    if policy == .skip { return .skip }
    guard options.onFailure == nil, desk.canAsk, !choices.isEmpty else {
      if policy == .rollback { await abort(rollingBack: true) }
      return policy == .rollback ? .rollback : .abort
    }
    let answer = try await desk.choose(
      run: run.id,
      id: "\(path)~\(attempt)",
      text: "step '\(path)' failed: \(failure.message)",
      evidence: ([failure.hint] + failure.trace.prefix(3).map { $0 }).compactMap(\.self).joined(separator: "\n"),
      choices: choices.map(\.rawValue)
    )
    let decision = FailureDecision(rawValue: answer) ?? .abort
    switch decision {
    case .abort: await abort(rollingBack: false)
    case .rollback: await abort(rollingBack: true)
    case .retry, .skip, .exclude: break
    }
    return decision
  }
}

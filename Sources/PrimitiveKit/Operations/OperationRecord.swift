/// What a run knows of one operation: what it records before it sends it, and its outcome, real or predicted.
package struct OperationRecord: IntentHolding, Sendable {
  /// Where it stands: sent or not in a live run, predicted or not in a dry one.
  package enum State: Sendable, Equatable {
    case begun
    case done
    case predicted
    case unpredictable(String)
    case failed(CallFailure)
  }

  /// As it is recorded; its epoch is known once it is sent.
  package let intent: OperationIntent
  /// The speed of the rollout that it is part of; nil outside rollouts.
  package let speed: String?
  package let stake: Stake?
  package var state: State
  /// Whether it has an inverse or left nothing to undo; known once it is done or predicted.
  package var isReversible = false
  /// Whether it left something other than it found it; known once it is done or predicted.
  package var isChange = false
  /// The outcome as JSON, predicted or real.
  package var outcome: String?

  /// What a plan says beside the operation's own words, once it was predicted.
  var comment: String?

  /// The line in the plan.
  package var summary: String { comment.map { "\(intent.summary): \($0)" } ?? intent.summary }

  /// Whether a dry run got to it.
  package var isPlanned: Bool {
    switch state {
    case .predicted, .unpredictable: true
    case .begun, .done, .failed: false
    }
  }

  /// The key without the attempts at its steps: what a plan, which makes one attempt, calls the operation.
  package static func plannedKey(of key: String) -> String { OperationKeys.lasting(key) }

  /// Notes its outcome, real or predicted.
  mutating func note<Change: Operation>(_ change: Change, _ outcome: Change.Outcome, text: String) {
    isChange = !change.leftAsFound(by: outcome)
    isReversible = change.isReversible(outcome)
    self.outcome = text
  }

  init(_ intent: OperationIntent, stake: Stake?, state: State) {
    self.intent = intent
    speed = CallContext.current.speed
    self.stake = stake
    self.state = state
  }
}

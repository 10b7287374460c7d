/// What a run knows of one operation.
package struct OperationRecord: Sendable {
  package enum State: Sendable, Equatable {
    case begun
    case done
    case predicted
    case unpredictable(String)
    case failed(CallFailure)
  }

  /// Stable within the run: step, kind, target and content.
  package let key: String
  /// The path of the step it was performed in.
  package let step: String
  package let kind: String
  package let target: OperationTarget
  package let effect: Effect
  package let summary: String
  /// The speed of the rollout that it is part of; nil outside rollouts.
  package let speed: String?
  package let stake: Stake?
  /// The operation as JSON.
  package let text: String
  package var state: State
  /// Whether it has an inverse or left nothing to undo; known once it is done or predicted.
  package var isReversible = false
  /// The outcome as JSON, predicted or real.
  package var outcome: String?

  /// Whether a dry run got to it.
  package var isPlanned: Bool {
    switch state {
    case .predicted, .unpredictable: true
    case .begun, .done, .failed: false
    }
  }

  /// The key without the attempts at its steps: what a plan, which makes one attempt, calls the operation.
  package static func plannedKey(of key: String) -> String { OperationKeys.lasting(key) }

  init<Change: Operation>(_ operation: Change, key: String, text: String, state: State) {
    self.key = key
    self.text = text
    step = CallContext.current.step
    kind = type(of: operation).kind
    target = operation.target
    effect = operation.effect
    summary = operation.summary
    speed = CallContext.current.speed
    stake = operation.stake
    self.state = state
  }
}

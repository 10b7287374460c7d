extension Run {
  /// The outcome of an operation that happened on an operator's word: as it is found, else as it is predicted.
  func adopt<Change: Operation>(_ change: Change, key: String, in world: World) async throws(CallFailure)
    -> EncodedOutcome<Change.Outcome>
  {
    var outcome: Change.Outcome?
    if case .done(let found) = try await change.probe(in: world) { outcome = found }
    if outcome == nil, case .exact(let predicted) = try await change.predict(in: world) { outcome = predicted }
    guard let outcome else {
      throw CallFailure(
        .unknownOutcome,
        code: "run.unknown_outcome",
        message: "an operator recorded that this happened, but its outcome is unknown: \(change.summary)",
        hint: "to let a resumed run repeat it: resolve(\"\(id)\", \"\(change.target)\", \"not done\", \"why\")"
      )
    }
    return try await settle(change, key: key, outcome, isAdopted: true)
  }

  /// The outcome of an operation that was sent and given up, without sending it again; nil where that stays unknown.
  package func findOut<Change: Operation>(_ operation: EncodedOperation<Change>) async -> Change.Outcome? {
    guard let key = openKey(of: operation) else { return nil }
    let change = operation.change
    let probe = try? await lookUp(change, key: key, in: world.with(ticket(for: change, key: key)))
    guard case .done(let ended)? = probe else { return nil }
    found(ended, key: key, isReversible: change.isReversible(ended.outcome))
    return ended.outcome
  }

  /// The outcome of an operation that was in flight; `unknown` only where performing it again attaches to it.
  func lookUp<Change: Operation>(_ change: Change, key: String, in world: World) async throws(CallFailure)
    -> Probe<EncodedOutcome<Change.Outcome>>
  {
    let probe: Probe<Change.Outcome>
    do throws(CallFailure) {
      probe = try await change.probe(in: world)
    } catch {
      throw inDoubt(change, error)
    }
    switch probe {
    case .done(let outcome): return .done(try await settle(change, key: key, outcome, isAdopted: true))
    case .failed(let failure):
      try await record.settle(key, .failed(failure))
      throw failure
    case .notDone: return .notDone
    case .unknown(let why):
      if Change.isRepeatable { return .unknown(why: why) }
      let failure = CallFailure(
        .unknownOutcome,
        code: "run.unknown_outcome",
        message: "the outcome of this change is unknown: \(change.summary): \(why)",
        hint: resolveHint(change)
      )
      try await record.settle(key, .unknown(failure))
      throw failure
    }
  }

  /// A failure of a later attempt proves nothing about the first one.
  func inDoubt(_ change: some Operation, _ failure: CallFailure) -> CallFailure {
    guard !failure.leavesUnknown, !failure.isOfJournal else { return failure }
    // Who gives the look up hears that, not what it was to find.
    if failure.isGivenUp { return failure.afterChange }
    return CallFailure(
      .unknownOutcome,
      code: "run.unknown_outcome",
      message: failure.message,
      hint: resolveHint(change)
    )
  }

  private func resolveHint(_ change: some Operation) -> String {
    "check there, then record it: resolve(\"\(id)\", \"\(change.target)\", \"done\" or \"not done\", \"why\")"
  }

  /// Records that an operation is done, and what would undo it.
  ///
  /// One of which a part is unknown is not done: whoever takes the run up, or undoes it, looks again.
  func settle<Change: Operation>(
    _ change: Change,
    key: String,
    _ outcome: Change.Outcome,
    isAdopted: Bool
  ) async throws(CallFailure) -> EncodedOutcome<Change.Outcome> {
    let ended = EncodedOutcome(outcome: outcome, text: try coding.encode(outcome))
    if let failure = change.shortfall(in: outcome), failure.leavesUnknown {
      try await record.settle(key, .unknown(failure))
    } else {
      try await record.settle(key, try end(of: change, ended, isAdopted: isAdopted))
    }
    return ended
  }

  func end<Change: Operation>(
    of change: Change,
    _ ended: EncodedOutcome<Change.Outcome>,
    isAdopted: Bool
  ) throws(CallFailure) -> OperationEnd {
    .done(
      outcome: ended.text,
      inverse: try coding.store(change.inverses(of: ended.outcome)),
      isAdopted: isAdopted
    )
  }
}

extension Run {
  /// The outcome of an operation that happened on an operator's word: as it is found, else as it is predicted.
  func adopt<Change: Operation>(_ change: Change, key: String, in world: World) async throws(CallFailure)
    -> Change.Outcome
  {
    var outcome: Change.Outcome?
    if case .done(let found) = try await change.probe(in: world) { outcome = found }
    if outcome == nil, case .exact(let predicted) = try await change.predict(in: world) { outcome = predicted }
    guard let outcome else {
      throw CallFailure(
        .unknownOutcome,
        code: "run.unknown_outcome",
        message: "an operator said that this happened, and its outcome is not known: \(change.summary)",
        hint: "`resolve(\"\(id)\", \"\(change.target)\", \"not done\", \"why\")` lets a resumed run do it again"
      )
    }
    try await settle(change, key: key, outcome, isAdopted: true)
    return outcome
  }

  /// What became of an operation that was in flight; `unknown` only where performing it again attaches to it.
  func lookUp<Change: Operation>(_ change: Change, key: String, in world: World) async throws(CallFailure)
    -> Probe<Change.Outcome>
  {
    let probe: Probe<Change.Outcome>
    do throws(CallFailure) {
      probe = try await change.probe(in: world)
    } catch {
      throw inDoubt(change, error)
    }
    switch probe {
    case .done(let outcome): try await settle(change, key: key, outcome, isAdopted: true)
    case .failed(let failure):
      try await record.settle(key, .failed(failure))
      throw failure
    case .notDone: break
    case .unknown(let why):
      if Change.isRepeatable { break }
      let failure = CallFailure(
        .unknownOutcome,
        code: "run.unknown_outcome",
        message: "whether this happened is not known: \(change.summary): \(why)",
        hint: resolveHint(change)
      )
      try await record.settle(key, .unknown(failure))
      throw failure
    }
    return probe
  }

  /// A failure of a later attempt says nothing about the first one.
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
    "look there, then resolve(\"\(id)\", \"\(change.target)\", \"done\" or \"not done\", \"why\")"
  }

  /// Writes down that an operation is done, and what would undo it.
  func settle<Change: Operation>(
    _ change: Change,
    key: String,
    _ outcome: Change.Outcome,
    isAdopted: Bool
  ) async throws(CallFailure) {
    try await record.settle(key, try end(of: change, outcome, isAdopted: isAdopted))
  }

  func end<Change: Operation>(
    of change: Change,
    _ outcome: Change.Outcome,
    isAdopted: Bool
  ) throws(CallFailure) -> OperationEnd {
    .done(
      outcome: try coding.encode(outcome),
      inverse: try change.inverse(of: outcome).map { (inverse) throws(CallFailure) in try coding.store(inverse) },
      isAdopted: isAdopted
    )
  }
}

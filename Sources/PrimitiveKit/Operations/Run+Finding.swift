extension Run {
  /// The outcome of a change of this run that was in doubt; nil where its target cannot say.
  ///
  /// Only looks, and writes nothing down: `settle` does. Throws `journal.coding`.
  package func find(_ change: some Operation, key: String) async throws(CallFailure) -> OperationEnd? {
    // Whoever cannot be asked leaves it in doubt.
    guard let probe = try? await change.probe(in: world.with(ticket(for: change, key: key))) else { return nil }
    switch probe {
    case .done(let outcome):
      return try end(of: change, EncodedOutcome(outcome: outcome, text: try coding.encode(outcome)), isAdopted: true)
    case .failed(let failure): return .failed(failure)
    case .notDone: return .notDone
    case .unknown: return nil
    }
  }

  /// Records what was found of a change that nothing in this run asks for again; throws `journal.*`.
  package func settle(_ key: String, _ end: OperationEnd) async throws(CallFailure) {
    try await record.settle(key, end)
  }
}

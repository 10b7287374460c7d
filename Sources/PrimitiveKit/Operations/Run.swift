/// One execution: everything it changes passes through here.
///
/// Keeps its operations in memory, in the order they were begun; a dry run predicts them instead of performing them.
package actor Run {
  /// Names the run to operators and to hosts.
  package nonisolated let id: String
  package nonisolated let world: World
  private var records: [OperationRecord] = []

  package init(id: String, world: World) {
    self.id = id
    self.world = world
  }

  /// The operations so far, in the order they were begun.
  package var operations: [OperationRecord] { records }

  /// Performs an operation, or predicts it in a dry run.
  ///
  /// Answers nil when a dry run cannot predict the outcome. Throws what the operation throws.
  package func perform<Change: Operation>(_ change: Change) async throws(CallFailure) -> Change.Outcome? {
    let index = records.count
    records.append(OperationRecord(change, state: .begun))
    do throws(CallFailure) {
      switch world.mode {
      case .live:
        let outcome = try await change.perform(in: world)
        records[index].state = .done
        records[index].isReversible = change.inverse(of: outcome) != nil
        return outcome
      case .dry:
        switch try await change.predict(in: world) {
        case .exact(let outcome):
          records[index].state = .predicted
          records[index].isReversible = change.inverse(of: outcome) != nil
          return outcome
        case .unknown(let why):
          records[index].state = .unpredictable(why)
          return nil
        }
      }
    } catch {
      records[index].state = .failed(error)
      throw error
    }
  }
}

/// What a run knows of one operation.
package struct OperationRecord: Sendable {
  package enum State: Sendable, Equatable {
    case begun
    case done
    case predicted
    case unpredictable(String)
    case failed(CallFailure)
  }

  package let kind: String
  package let target: OperationTarget
  package let effect: Effect
  package let summary: String
  package var state: State
  /// Whether it has an inverse; known once it is done or predicted.
  package var isReversible = false

  init(_ operation: some Operation, state: State) {
    kind = type(of: operation).kind
    target = operation.target
    effect = operation.effect
    summary = operation.summary
    self.state = state
  }
}

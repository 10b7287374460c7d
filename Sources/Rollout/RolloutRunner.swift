package import PrimitiveKit
import Synchronization

/// Carries work to many items with a window, budgets and gates.
package protocol RolloutRunner: Sendable {
  /// Performs a rollout and reports every item in exactly one class.
  ///
  /// `perform` is called for at most the window's number of items at once, and throws where none may be begun any more;
  /// `gate` looks at the items changed so far. Throws `rollout.repeated_host` for an item that is named twice.
  func roll(
    _ request: RolloutRequest,
    perform: @escaping @Sendable (String) async throws(NotBegun) -> ItemOutcome,
    gate: (@Sendable ([String]) async -> GateVerdict)?
  ) async throws(CallFailure) -> RolloutReport
}

/// Rolls out with the decider and shows how far it is.
package struct ShownRollouts: RolloutRunner {
  private let clock: any Clock<Duration>
  private let dialogue: any Dialogue
  private let interruptions: Interruptions

  /// `interruptions` steer what runs: the first press starts nothing more, the second stops watching.
  package init(clock: any Clock<Duration>, dialogue: any Dialogue, interruptions: Interruptions) {
    self.clock = clock
    self.dialogue = dialogue
    self.interruptions = interruptions
  }

  package func roll(
    _ request: RolloutRequest,
    perform: @escaping @Sendable (String) async throws(NotBegun) -> ItemOutcome,
    gate: (@Sendable ([String]) async -> GateVerdict)?
  ) async throws(CallFailure) -> RolloutReport {
    let policy = request.policy(hasGate: gate != nil)
    guard !request.items.isEmpty else {
      return RolloutReport(policy: policy, seed: request.seed, results: [], halt: nil)
    }
    let plan: RolloutPlan
    do throws(RolloutError) {
      plan = try RolloutPlan(policy: policy, items: request.items, seed: request.seed)
    } catch {
      throw CallFailure(error)
    }
    let driver = RolloutDriver()
    let listening = interruptions.listen { _ in driver.cancel() }
    // A plan shows no progress.
    let view = CallContext.current.isQuiet ? nil : ItemProgressView(request, dialogue)
    let report = await driver.run(
      plan: plan,
      worker: ItemWorker(work: perform, look: gate),
      clock: clock,
      itemSeconds: request.itemSeconds
    ) { progress in
      view?.show(progress)
    }
    withExtendedLifetime(listening) {}
    dialogue.progress(nil)
    return report
  }
}

private struct ItemWorker: RolloutWorker {
  let work: @Sendable (String) async throws(NotBegun) -> ItemOutcome
  let look: (@Sendable ([String]) async -> GateVerdict)?

  func perform(_ item: String) async throws(NotBegun) -> ItemOutcome { try await work(item) }
  func gate(_ completed: [String]) async -> GateVerdict { await look?(completed) ?? .pass }
}

/// The live line of a rollout over items.
private final class ItemProgressView: Sendable {
  private let name: String
  private let noun: String
  private let dialogue: any Dialogue
  private let last = Mutex("")

  init(_ request: RolloutRequest, _ dialogue: any Dialogue) {
    name = request.name
    noun = request.noun
    self.dialogue = dialogue
  }

  func show(_ progress: RolloutProgress) {
    var line = progress.line
    line.noun = noun
    let plain = "\(name): \(line.text(width: 160))"
    // A log needs no line twice.
    let isNew = last.withLock { last in
      defer { last = plain }
      return last != plain
    }
    guard isNew else { return }
    dialogue.progress(
      ProgressStatus(line: "\(name): \(line.text(width: dialogue.columns - name.count - 3))", plain: plain)
    )
  }
}

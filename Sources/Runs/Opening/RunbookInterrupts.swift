package import PrimitiveKit
import Synchronization

/// Lets Ctrl-C stop the runbooks of a session gently: nothing new begins, what is in flight ends and is recorded.
package final class RunbookInterrupts: Sendable {
  private let runs = Mutex<[String: Run]>([:])
  private let dialogue: any Dialogue

  package init(dialogue: any Dialogue) { self.dialogue = dialogue }

  /// The runs that a press would stop.
  var running: [Run] { runs.withLock { Array($0.values) } }

  /// Takes the first press: answers false when no runbook runs and somebody else should take it.
  package func press() -> Bool {
    let runs = running
    guard !runs.isEmpty else { return false }
    for run in runs {
      dialogue.say("stopping run \(run.id): nothing new starts, work in flight finishes (Ctrl-C again detaches)")
      Task { await run.stopStarting(.interrupted(run.id)) }
    }
    return true
  }

  /// Throws `run.taken` for a run that this session is carrying out.
  package func requireIdle(_ id: String) throws(CallFailure) {
    guard runs.withLock({ $0[id] != nil }) else { return }
    throw CallFailure(.refused, code: "run.taken", message: "run \(id) is already running in this session")
  }

  package func during<Answer>(_ run: Run, _ body: () async -> Answer) async -> Answer {
    runs.withLock { $0[run.id] = run }
    defer { runs.withLock { $0[run.id] = nil } }
    return await body()
  }
}

extension CallFailure {
  /// The failure of a run that its operator stopped.
  package static func interrupted(_ run: String) -> CallFailure {
    CallFailure(
      .cancelled,
      .interrupted,
      code: "run.interrupted",
      message: "run \(run) was stopped early; its changes are recorded",
      hint: "resume(\"\(run)\") continues it; rollback(\"\(run)\") undoes it",
      ending: .interrupted
    )
  }
}

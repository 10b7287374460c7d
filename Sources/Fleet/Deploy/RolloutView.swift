import Foundations
import PrimitiveKit
import Rollout
import Synchronization

/// Shows a rollout while it runs: the live line, a line for each host that is not ok, and the gates.
final class RolloutView: Sendable {
  private let dialogue: any Dialogue
  private let run: String
  private let inFlight = Mutex<[String]>([])
  private let lastLine = Mutex("")

  init(dialogue: any Dialogue, run: String) {
    self.dialogue = dialogue
    self.run = run
  }

  /// Says what the first Ctrl-C means, and where something is still running.
  func stopping() {
    let hosts = inFlight.withLock { $0 }
    let where_ = hosts.isEmpty ? "nothing is in flight" : "still changing: \(NameSet(names: hosts).folded)"
    dialogue.say("stopping: no new host starts; \(where_) (Ctrl-C again detaches from them)")
  }

  func show(_ progress: RolloutProgress) {
    inFlight.withLock { $0 = progress.inFlight }
    report(progress)
    var isMilestone = false
    switch progress.change {
    case .finished(let host, let outcome) where outcome.outcomeClass != .ok:
      dialogue.say("  \(host): \(outcome.outcomeClass.rawValue): \(outcome.detail)")
      isMilestone = true
    case .halted(let reason):
      dialogue.say("  halted: \(reason.text)")
      isMilestone = true
    case .paused(let reason):
      dialogue.say("  paused: \(reason)")
      isMilestone = true
    case .gated(.fail(let reason)): dialogue.say("  gate failed: \(reason)")
    case .gated(.inconclusive(let reason)): dialogue.say("  gate inconclusive: \(reason)")
    default: break
    }
    let line = progress.line
    let plain = line.text(width: 200)
    // A log needs no line twice.
    let isNew = lastLine.withLock { last in
      defer { last = plain }
      return last != plain
    }
    guard isNew else { return }
    dialogue.progress(
      ProgressStatus(line: line.text(width: dialogue.columns - 1), plain: plain, isMilestone: isMilestone)
    )
  }

  private func report(_ progress: RolloutProgress) {
    switch progress.change {
    case .gated(let verdict):
      let words: [String: Value] =
        switch verdict {
        case .pass: ["verdict": "pass".value]
        case .fail(let reason): ["verdict": "fail".value, "reason": reason.value]
        case .inconclusive(let reason): ["verdict": "inconclusive".value, "reason": reason.value]
        }
      dialogue.event(SessionEvent("deploy.gate", words.merging(["run": run.value]) { $1 }))
    case .finished, .halted, .ended:
      dialogue.event(
        SessionEvent(
          "deploy.progress",
          [
            "run": run.value, "finished": progress.tally.finished.value, "total": progress.items.value,
            "errors": progress.tally.errors.value, "in_flight": progress.inFlight.value,
            "seconds": .number(progress.elapsed.seconds),
          ]
        )
      )
    default: break
    }
  }
}

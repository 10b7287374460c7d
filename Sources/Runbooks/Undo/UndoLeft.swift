import Journal
import PrimitiveKit
import Rollout

/// What a rollback has not brought back, by name and with the reason.
struct UndoLeft: Sendable {
  private struct Entry: Sendable {
    let target: OperationTarget
    let outcome: OutcomeClass
    let why: String
  }

  private var entries: [Entry] = []
  /// Functions that were not called, or left something, by the path of their step.
  private var steps: [(path: String, why: String?)] = []
  /// How many things the rollback is about.
  private let count: Int

  init(_ plan: RollbackPlan, _ survey: UndoSurvey) {
    count = plan.targets.subjects.count
    entries = survey.silent.map { Entry(target: $0.target, outcome: .unreachable, why: $0.why) }
    entries += survey.barred.map { Entry(target: $0.target, outcome: .failed, why: $0.why) }
  }

  var isEmpty: Bool { entries.isEmpty && steps.isEmpty }

  /// Whether a change of any of these is still there.
  func isAny(of subjects: Set<String>) -> Bool {
    entries.contains { subjects.contains($0.target.subject) && $0.outcome != .unhealthy }
  }

  /// Whether a later change of it is still there, so that no earlier one may be undone.
  func holds(_ subject: String) -> Bool {
    entries.contains { $0.target.subject == subject && $0.outcome != .unhealthy }
  }

  /// Takes what a rollout did not bring back.
  mutating func add(_ result: ItemResult, _ target: OperationTarget) {
    entries.append(Entry(target: target, outcome: result.outcomeClass, why: result.detail))
  }

  /// Takes a function of a step: with what it left, or nil where it was not called.
  mutating func add(step path: String, why: String?) { steps.append((path, why)) }

  /// Takes something that is not touched while a later change is still there.
  mutating func add(held target: OperationTarget) {
    entries.append(Entry(target: target, outcome: .skipped, why: ""))
  }

  /// Takes something that was brought back and is not well since.
  mutating func add(_ target: OperationTarget, since why: String) {
    entries.append(Entry(target: target, outcome: .unhealthy, why: why))
  }

  /// Everything that is left, what ended alike together: `web001: failed: bot1 is down; web[002-003]: not started`.
  var words: String {
    var groups: [(how: String, targets: [OperationTarget])] = []
    for entry in entries {
      let how = entry.outcome == .skipped ? "not started" : "\(entry.outcome.rawValue): \(entry.why)"
      if let index = groups.firstIndex(where: { $0.how == how }) {
        groups[index].targets.append(entry.target)
      } else {
        groups.append((how, [entry.target]))
      }
    }
    var all = groups.map { "\($0.targets.named): \($0.how)" }
    all += steps.map { "step '\($0.path)': \($0.why ?? "not started")" }
    return (all.prefix(8) + (all.count > 8 ? ["and \(all.count - 8) more"] : [])).joined(separator: "; ")
  }

  /// Whether the outcome of some of it is unknown.
  var isUnknown: Bool { entries.contains { $0.outcome == .unknown } }

  /// How much of it there is: `1 of 6 hosts`.
  var share: String {
    let left = entries.map(\.target)
    let noun = left.allSatisfy { $0.kind == .host } ? "host" : "target"
    let total = max(count, left.subjects.count)
    return "\(left.subjects.count) of \(total) \(noun)\(total == 1 ? "" : "s")"
  }

  /// The failure of a rollback that came to its end and left something; nil when everything is undone.
  ///
  /// `doubtful` are changes of the run whose outcome is unknown.
  func failure(of run: String, doubtful: [OperationRow]) -> CallFailure? {
    if isEmpty, doubtful.isEmpty { return nil }
    let how = entries.isEmpty ? "not undone" : "\(share) not undone"
    var said = isEmpty ? [] : ["\(how): \(words)"]
    if !doubtful.isEmpty { said.append("unknown outcomes: \(RollbackPlan.words(doubtful))") }
    let isUnknown = isUnknown || !doubtful.isEmpty
    return CallFailure(
      isUnknown ? .unknownOutcome : .failed,
      code: isUnknown ? "rollback.unknown" : "rollback.incomplete",
      message: "run \(run) was not rolled back everywhere: \(said.joined(separator: "; "))",
      ending: isUnknown ? .unknownOutcomes : .rollbackFailed
    )
  }
}

extension [OperationTarget] {
  /// What they act on, with the bots or other parts: `web[002-003] (bot[2-3])`.
  fileprivate var named: String {
    let parts = compactMap(\.part).flatMap { $0.split(separator: ",").map(String.init) }
    // Paths of files do not fold.
    guard !parts.isEmpty, !parts.contains(where: { $0.contains("/") || $0.contains(" ") }) else { return folded }
    return "\(folded) (\(NameSet(names: parts).folded))"
  }
}

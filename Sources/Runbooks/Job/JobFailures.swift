import PrimitiveKit

/// The failed steps of one execution: why it ends, what is opened again for a resume, and whether it is undone.
struct JobFailures: Sendable {
  private struct Entry {
    let path: String
    let failure: CallFailure
    let policy: FailurePolicy
  }

  private var entries: [Entry] = []
  /// Steps that hold something and gave it back because of a failure.
  private var holds: [(paths: [String], failure: CallFailure)] = []
  /// Paths of loops: their items keep their names over attempts.
  private(set) var loops: Set<String> = []
  /// What an operator ended the run for; nothing new begins after it.
  private(set) var abort: CallFailure?
  private(set) var wantsRollback = false
  /// The first refusal that no step is to blame for: a runbook cannot make it undone by catching it.
  private(set) var refusal: CallFailure?

  mutating func add(_ path: String, _ failure: CallFailure, policy: FailurePolicy) {
    entries.append(Entry(path: path, failure: failure, policy: policy))
  }

  mutating func add(hold paths: [String], given failure: CallFailure) { holds.append((paths, failure)) }

  mutating func add(loop path: String) { loops.insert(path) }

  mutating func end(_ failure: CallFailure, rollingBack: Bool) {
    abort = abort ?? failure
    if rollingBack { wantsRollback = true }
  }

  mutating func refuse(_ failure: CallFailure) { refusal = refusal ?? failure }

  /// The failures at and below a step are no longer why the run ends.
  mutating func forget(under path: String) {
    entries.removeAll { $0.path == path || $0.path.hasPrefix(path + "/") }
  }

  /// Every step that failed.
  var paths: [String] { entries.map(\.path) }

  /// Steps to open again when this ended the run: those it came from, the failed items below them, and what was held.
  ///
  /// What a runbook caught stays as it is; a failure that it put into words of its own came from the last step that failed.
  func sources(of failure: CallFailure) -> [String] {
    let sources = matching(failure)
    let loops = sources.map(\.path).filter(loops.contains)
    let failed = entries.filter { entry in
      sources.contains { $0.path == entry.path } || loops.contains { entry.path.hasPrefix($0 + "/") }
    }
    let reasons = [failure] + sources.map(\.failure)
    let held = holds.filter { hold in reasons.contains { $0.isLike(hold.failure) } }
    return failed.map(\.path) + held.flatMap(\.paths)
  }

  /// What happens with a run that this ended, where nobody was asked.
  func policy(of failure: CallFailure, else policy: FailurePolicy) -> FailurePolicy {
    let sources = matching(failure)
    if sources.isEmpty { return policy }
    return sources.contains { $0.policy == .rollback } ? .rollback : .stop
  }

  private func matching(_ failure: CallFailure) -> [Entry] {
    let same = entries.filter { $0.failure.isLike(failure) }
    if same.isEmpty, holds.contains(where: { $0.failure.isLike(failure) }) { return [] }
    return same.isEmpty ? entries.suffix(1) : same
  }
}

extension CallFailure {
  /// Whether both say the same; where it was raised does not matter.
  func isLike(_ other: CallFailure) -> Bool {
    code == other.code && message == other.message
  }
}

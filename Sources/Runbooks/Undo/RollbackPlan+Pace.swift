import PrimitiveKit
import Rollout

/// How fast a rollback goes, and when it stops: like a routine deploy (G-12).
extension RollbackPlan {
  /// The rollout of some of `count` things that are undone together; the tolerance is that of all of them.
  static func request(_ name: String, _ items: [String], of count: Int, noun: String) -> RolloutRequest {
    var request = RolloutRequest(name: name, items: items, window: 5, budget: count / 10)
    request.unreachable = max(2, count / 100)
    request.noun = noun
    return request
  }

  /// What these are called, in the plural.
  static func noun(_ targets: [OperationTarget]) -> String {
    targets.allSatisfy { $0.kind == .host } ? "hosts" : "targets"
  }

  /// How careful it is, for the plan.
  ///
  /// The numbers are those of its largest group, the time that of all of them, one after the other, from how long each change
  /// took that is undone.
  func pace(without others: Set<String>) -> [(name: String, words: String)] {
    let groups = acts.compactMap { act -> [(subject: String, inverses: [Inverse])]? in
      if case .inverses(let group) = act {
        RollbackPlan.bySubject(group.filter { !others.contains($0.subject) })
      } else {
        nil
      }
    }.filter { !$0.isEmpty }
    guard let largest = groups.max(by: { $0.count < $1.count }) else { return [] }
    let count = largest.count
    let noun = RollbackPlan.noun(largest.flatMap(\.inverses).map(\.stored.target))
    let policy = RollbackPlan.request("", largest.map(\.subject), of: count, noun: noun).policy(hasGate: true)
    let window = policy.window(successes: count, items: count)
    let one = String(noun.dropLast())
    var rows: [(name: String, words: String)] = []
    if count > 1 {
      let tolerated = policy.haltRatio?.floor(of: count) ?? 0
      rows.append(("Pace", "1 \(one) first, then up to \(window) at a time; each is checked afterwards"))
      let silent = policy.unreachableBudget(items: count) ?? 0
      rows.append(("Error halt", "\(tolerated) tolerated, error \(tolerated + 1) stops; \(silent) may be unreachable"))
    }
    let seconds = groups.map { group -> Int? in
      let measured = group.compactMap { $0.inverses.first?.seconds }
      guard !measured.isEmpty else { return nil }
      return RolloutEstimate(policy: policy, items: group.count, measuredItemSeconds: measured).highSeconds
    }
    let sum = seconds.compactMap(\.self).reduce(0, +)
    let isWhole = seconds.allSatisfy { $0 != nil } && groups.count == acts.count
    let text = (sum < 180 ? "~\(sum)s" : "~\((sum + 30) / 60) min") + (isWhole ? "" : " and more")
    let isKnown = seconds.contains { $0 != nil }
    rows.append(("Est. duration", isKnown ? "\(text) (as long as the changes took)" : "unknown"))
    return rows
  }
}

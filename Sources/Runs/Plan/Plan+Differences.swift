import Journal
import PrimitiveKit

extension Plan {
  /// In what another plan promises something else, the first of each kind; empty when it promises the same.
  package func differences(from now: Plan) -> [String] {
    var found: [String] = []
    if runbook.sha256 != now.runbook.sha256 {
      found.append(
        "the runbook is \(now.runbook.version) (\(now.runbook.sha256.prefix(12))), not \(runbook.version) (\(runbook.sha256.prefix(12)))"
      )
    }
    for (name, sha256) in (modules ?? [:]).sorted(by: { $0.key < $1.key }) where now.modules?[name] != sha256 {
      found.append("the module \(name) has changed")
    }
    if arguments != now.arguments {
      found.append("the arguments are \(now.arguments.literal), not \(arguments.literal)")
    }
    let gone = Set(hosts).subtracting(now.hosts)
    let new = Set(now.hosts).subtracting(hosts)
    if !gone.isEmpty { found.append("no longer in the set: \(NameSet(names: gone.sorted()).folded)") }
    if !new.isEmpty { found.append("new in the set: \(NameSet(names: new.sorted()).folded)") }
    if found.isEmpty { found += stepDifferences(now) }
    found += operationDifferences(now)
    if check != now.check { found.append("the check now finds \(now.check.literal); it was \(check.literal)") }
    if unseen != now.unseen || Set(inexact.map(\.words)) != Set(now.inexact.map(\.words)) {
      found.append("the unpredictable parts differ")
    }
    if locks != now.locks {
      found.append("it locks \(now.locks.joined(separator: ", ")), not \(locks.joined(separator: ", "))")
    }
    return found
  }

  private func stepDifferences(_ now: Plan) -> [String] {
    let (before, after) = (steps.map(\.path), now.steps.map(\.path))
    var found: [String] = []
    if let path = before.first(where: { !after.contains($0) }) { found.append("the step '\(path)' no longer exists") }
    if let path = after.first(where: { !before.contains($0) }) { found.append("there is a new step '\(path)'") }
    if !found.isEmpty { return found }
    let others = Dictionary(now.steps.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    if let step = steps.first(where: { others[$0.path] != $0 }) { return ["the step '\(step.path)' has changed"] }
    let outer = { (paths: [String]) in paths.filter { !$0.contains("/") } }
    return outer(before) == outer(after) ? [] : ["the order of the steps has changed"]
  }

  private func operationDifferences(_ now: Plan) -> [String] {
    let before = Dictionary(operations.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let after = Dictionary(now.operations.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var new = now.operations.filter { before[$0.key] == nil }
    var found: [String] = []
    for operation in operations {
      guard let other = after[operation.key] else {
        // The same change of the same thing, in another way.
        if let index = new.firstIndex(where: { $0.kind == operation.kind && $0.target == operation.target }) {
          found.append(operation.words(insteadOf: new.remove(at: index)))
        } else {
          found.append("\(operation.target.subject): no longer needed or possible: \(operation.summary)")
        }
        continue
      }
      if other.outcome != operation.outcome {
        found.append("\(operation.target.subject) has changed: \(operation.summary)")
      }
    }
    for operation in new { found.append("\(operation.target.subject): not in the plan: \(operation.summary)") }
    return found
  }
}

extension PlannedOperation {
  /// Says that another operation is about to do what this one was planned for, and what is another.
  fileprivate func words(insteadOf now: PlannedOperation) -> String {
    let differences = differences(from: now)
    let change = summary == now.summary ? summary : "\(now.summary); it was: \(summary)"
    if !differences.isEmpty { return "\(target.subject): \(change) (\(differences))" }
    if step != now.step { return "\(target.subject): \(change) (in step '\(now.step)'; it was in '\(step)')" }
    return "\(target.subject): \(change)"
  }
}

extension InexactPoint {
  fileprivate var words: String { "\(place) \(what) \(assumed?.literal ?? "")" }
}

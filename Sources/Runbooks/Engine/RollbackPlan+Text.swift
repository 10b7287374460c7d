import Journal
import PrimitiveKit

extension Undoing {
  /// What is about to be undone and what is not, before anybody confirms (G-12).
  func render(of header: RunHeader, _ rows: [OperationRow]) -> String {
    var lines = ["============== rollback plan =============="]
    lines.append("Run           \(header.id): \(header.name), \(header.state.rawValue)")
    lines += rehearsal.map(Undoing.lines) ?? plan.lines
    lines += plan.rest
    lines.append("Direction     \(plan.direction(rows))")
    lines.append("===========================================")
    return lines.joined(separator: "\n")
  }

  private static func lines(_ operations: [OperationRecord]) -> [String] {
    let kinds = Dictionary(grouping: operations, by: \.kind).sorted { $0.key < $1.key }
    let words = kinds.map { kind, operations in
      "\(operations.count) × \(kind) on \(NameSet(names: Set(operations.map(\.target.host)).sorted()).folded)"
    }
    return ["Undo          by the runbook's own undo: \(words.isEmpty ? "no change" : words.joined(separator: "; "))"]
  }
}

extension RollbackPlan {
  fileprivate var lines: [String] {
    var lines: [String] = []
    for act in acts.prefix(8) {
      switch act {
      case .function(let undo):
        let state = undo.result == nil ? ", which did not end well," : ""
        lines.append("Undo          step '\(undo.path)'\(state) by its own function")
      case .inverses(let group):
        let hosts = NameSet(names: group.map(\.stored.host)).folded
        let sample = (group.count > 1 ? "such as " : "") + group[0].stored.summary
        lines.append("Undo          \(group.count) × \(group[0].stored.kind) on \(hosts): \(sample)")
      }
    }
    if acts.count > 8 { lines.append("              and \(acts.count - 8) more") }
    return acts.isEmpty ? ["Undo          nothing"] : lines
  }

  fileprivate var rest: [String] {
    var lines: [String] = []
    if !asFound.isEmpty {
      lines.append("As it was     \(RollbackPlan.words(asFound)): nothing is left to undo")
    }
    if !irreversible.isEmpty { lines.append("Not undone    \(RollbackPlan.words(irreversible))") }
    if !unknown.isEmpty {
      lines.append("Unknown       \(RollbackPlan.words(unknown)); resolve() says what became of them")
    }
    return lines
  }

  /// Which way leaves fewer bad hosts: going back, or going on.
  fileprivate func direction(_ rows: [OperationRow]) -> String {
    let carrying = Set(undone.map(\.target.host))
    let bad = Set(rows.filter { [.failed, .unknown, .open].contains($0.state) }.map(\.target.host))
    let good = carrying.subtracting(bad)
    func hosts(_ count: Int) -> String { count == 1 ? "1 host carries" : "\(count) hosts carry" }
    guard !carrying.isEmpty || rows.contains(where: { [.unknown, .open].contains($0.state) }) else {
      return "no host carries a change that could go back"
    }
    guard !bad.isEmpty else { return "\(hosts(good.count)) the change and no other is worse off; all go back" }
    let words = "\(hosts(good.count)) the change and \(good.count == 1 ? "is" : "are") well, \(bad.count) not"
    if good.count > bad.count {
      return
        "\(words): going back changes \(good.count) good hosts; looking after \(NameSet(names: bad.sorted()).folded) "
        + "and resuming leaves fewer on the old version"
    }
    return "\(words): going back leaves fewer bad hosts"
  }

  static func words(_ rows: [OperationRow]) -> String {
    let kinds = Dictionary(grouping: rows, by: \.kind).sorted { $0.key < $1.key }
    return kinds.map { "\($0.value.count) × \($0.key) on \(NameSet(names: $0.value.map(\.target.host)).folded)" }
      .joined(separator: "; ")
  }
}

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
      "\(operations.count) × \(kind) on \(operations.map(\.target).folded)"
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
        let places = group.map(\.stored.target).folded
        let sample = (group.count > 1 ? "such as " : "") + group[0].stored.summary
        lines.append("Undo          \(group.count) × \(group[0].stored.kind) on \(places): \(sample)")
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

  /// Which way leaves fewer bad hosts, or whatever was changed: going back, or going on.
  fileprivate func direction(_ rows: [OperationRow]) -> String {
    let worse = rows.filter { [.failed, .unknown, .open].contains($0.state) }.map(\.target)
    let carrying = undone.map(\.target)
    let bad = Set(worse.subjects)
    let good = Set(carrying.subjects).subtracting(bad)
    let noun = (carrying + worse).allSatisfy { $0.kind == .host } ? "host" : "target"
    func carry(_ count: Int) -> String { count == 1 ? "1 \(noun) carries" : "\(count) \(noun)s carry" }
    guard !carrying.isEmpty || rows.contains(where: { [.unknown, .open].contains($0.state) }) else {
      return "no \(noun) carries a change that could go back"
    }
    guard !bad.isEmpty else { return "\(carry(good.count)) the change and no other is worse off; all go back" }
    let words = "\(carry(good.count)) the change and \(good.count == 1 ? "is" : "are") well, \(bad.count) not"
    if good.count > bad.count {
      return
        "\(words): going back changes \(good.count) good \(noun)s; looking after \(worse.folded) "
        + "and resuming leaves fewer on the old version"
    }
    return "\(words): going back leaves fewer bad \(noun)s"
  }

  static func words(_ rows: [OperationRow]) -> String {
    let kinds = Dictionary(grouping: rows, by: \.kind).sorted { $0.key < $1.key }
    return kinds.map { "\($0.value.count) × \($0.key) on \($0.value.map(\.target).folded)" }
      .joined(separator: "; ")
  }
}

import Journal
import PrimitiveKit

/// What undoes a run: functions of its steps and inverses of its operations, the last first.
struct RollbackPlan: Sendable {
  enum Act: Sendable {
    /// What the runbook gave a step to undo it.
    case function(Undo)
    /// Inverses of one step that may go on at once, one a host.
    case inverses([Inverse])
  }

  struct Inverse: Sendable {
    let of: OperationRow
    let stored: StoredOperation
  }

  var acts: [Act] = []
  /// Operations that happened and that nothing undoes.
  var irreversible: [OperationRow] = []
  /// Operations that may have happened.
  var unknown: [OperationRow] = []

  /// - Parameters:
  ///   - rows: the run's operations in the order of their intents.
  ///   - undos: the undo functions of its finished steps, in the order the steps ended.
  init(_ rows: [OperationRow], undos: [Undo]) {
    let functions = Dictionary(undos.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    var seen: Set<String> = []
    for row in rows.reversed() {
      if let path = RollbackPlan.covering(row.step, functions) {
        if seen.insert(path).inserted, let undo = functions[path] { acts.append(.function(undo)) }
        continue
      }
      switch row.state {
      case .failed, .notDone: continue
      case .open, .unknown: unknown.append(row)
      case .done:
        guard let inverse = row.inverse else {
          irreversible.append(row)
          continue
        }
        add(Inverse(of: row, stored: inverse))
      }
    }
    // A step without operations of ours may still have something to undo.
    for undo in undos.reversed() where !seen.contains(undo.path) { acts.append(.function(undo)) }
  }

  /// Inverses of the same kind on different hosts go together, as the operations did.
  private mutating func add(_ inverse: Inverse) {
    if case .inverses(var group)? = acts.last, group.last?.stored.kind == inverse.stored.kind,
      !group.contains(where: { $0.stored.host == inverse.stored.host })
    {
      group.append(inverse)
      acts[acts.count - 1] = .inverses(group)
    } else {
      acts.append(.inverses([inverse]))
    }
  }

  /// The step with an undo function that a path lies in.
  private static func covering(_ path: String, _ functions: [String: Undo]) -> String? {
    var words = path.split(separator: "/").map { $0.prefix { $0 != "~" } }
    while !words.isEmpty {
      let prefix = words.joined(separator: "/")
      if functions[prefix] != nil { return prefix }
      words.removeLast()
    }
    return nil
  }

  var hosts: [String] {
    var hosts: [String] = []
    for case .inverses(let group) in acts {
      for inverse in group where !hosts.contains(inverse.stored.host) { hosts.append(inverse.stored.host) }
    }
    return hosts
  }

  var isEmpty: Bool { acts.isEmpty }
}

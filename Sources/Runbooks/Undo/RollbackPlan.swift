import Journal
import PrimitiveKit

/// What undoes a run: functions of its steps and inverses of its operations, the last first.
struct RollbackPlan: Sendable {
  enum Act: Sendable {
    /// What the runbook gave steps to undo them: one step, or items of one loop.
    case functions([Undo])
    /// Inverses of operations that went on at once, one for each thing they acted on.
    case inverses([Inverse])

    var isOfInverses: Bool { if case .inverses = self { true } else { false } }
  }

  struct Inverse: Sendable {
    let of: OperationRow
    /// Which of those that undo it together.
    let number: Int
    let stored: StoredOperation
    /// Nil for a kind that this opsh does not know.
    let operation: (any Operation)?
  }

  var acts: [Act] = []
  /// What the site calls the releases that it goes back to.
  var releases = OfferedReleases()
  /// Operations that happened and that something undoes: an inverse or a function.
  var undone: [OperationRow] = []
  /// Operations that happened and that nothing undoes.
  var irreversible: [OperationRow] = []
  /// Operations that left everything as it was: nothing of them is left to undo.
  var asFound: [OperationRow] = []
  /// Operations that may have happened.
  var unknown: [OperationRow] = []
  /// Those of them that no function answers for, and what happened with an unknown outcome, in whole or in part: while there are any,
  /// the run is not undone.
  var doubtful: [OperationRow] = []
  /// What operations acted on that happened and were not what was asked for.
  var short: [OperationTarget] = []
  /// Paths of the loops whose items have undo functions.
  private let loops: Set<String>

  /// - Parameters:
  ///   - rows: the run's operations in the order of their intents.
  ///   - steps: its steps, for the order of those that did no operation.
  ///   - undos: the undo functions of the steps that were begun, in the order the steps ended.
  ///   - loops: the paths of the run's loops.
  ///   - isWhole: whether the runbook has an `undo` of its own, which answers for everything.
  ///   - coding: reads the outcome of the operations.
  init(
    _ rows: [OperationRow],
    steps: [StepRow],
    undos: [Undo],
    loops: Set<String> = [],
    isWhole: Bool = false,
    coding: OperationCoding
  ) {
    self.loops = loops
    // A step that did not end well is undone where it did something: its function would find nothing otherwise.
    let undos = undos.filter { $0.result != nil || RollbackPlan.hasChanged($0.path, rows, steps) }
    let functions = Dictionary(undos.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    let covered = Set(functions.keys.map(RollbackPlan.lasting))
    var placed: [(place: Int64, turn: Int, act: Act)] = []
    for (turn, undo) in undos.enumerated() where functions[undo.path]?.number == undo.number {
      placed.append((RollbackPlan.place(of: undo.path, rows, steps), turn, .functions([undo])))
    }
    for row in rows {
      switch row.state {
      case .failed, .notDone: continue
      case .open, .unknown:
        unknown.insert(row, at: 0)
        if !isWhole, !RollbackPlan.isCovered(row.step, covered) { doubtful.insert(row, at: 0) }
      case .done:
        if let outcome = row.outcome, coding.fellShort(row.stored, outcome: outcome) { short.append(row.target) }
        if isWhole || RollbackPlan.isCovered(row.step, covered) {
          undone.append(row)
          continue
        }
        if row.isInDoubt(coding) { doubtful.insert(row, at: 0) }
        guard let inverse = row.inverse else {
          if row.isInDoubt(coding) { continue }
          if row.leftAsFound(coding) { asFound.insert(row, at: 0) } else { irreversible.insert(row, at: 0) }
          continue
        }
        undone.append(row)
        // The first comes first, where several undo one change.
        let inverses = ([inverse] + inverse.also).enumerated().map { number, stored in
          var stored = stored
          stored.texts = inverse.texts
          return Inverse(of: row, number: number, stored: stored, operation: try? coding.operation(stored))
        }
        placed.append((row.place, 0, .inverses(inverses)))
      }
    }
    for item in placed.sorted(by: { ($0.place, $0.turn) > ($1.place, $1.turn) }) { add(item.act) }
  }

  /// Inverses go together where the operations did: those of one step, of the items of one loop, or that do the same.
  ///
  /// Several that undo one change stay together.
  /// Functions go together where they are of items of one loop.
  private mutating func add(_ act: Act) {
    switch (acts.last, act) {
    case (.functions(let group)?, .functions(let new)):
      let parents = Set((group + new).map { RollbackPlan.parent(of: $0.path) })
      guard parents.count == 1, parents.isSubset(of: loops) else { break }
      acts[acts.count - 1] = .functions(group + new)
      return
    case (.inverses(let group)?, .inverses(let new)):
      guard let inverse = new.first, let last = group.last, last.isBeside(inverse),
        !group.contains(where: { $0.subject == inverse.subject && $0.of.key != inverse.of.key })
      else { break }
      acts[acts.count - 1] = .inverses(group + new)
      return
    default: break
    }
    acts.append(act)
  }

  private static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  /// Whether a step did something, or may have done it, in whatever attempt; a hold: since it was given back.
  private static func hasChanged(_ path: String, _ rows: [OperationRow], _ steps: [StepRow]) -> Bool {
    func isInside(_ step: String, _ path: String) -> Bool {
      step == path || step.hasPrefix(path + "/") || step.hasPrefix(path + "~")
    }
    let release = Job.release(of: path)
    let releases = rows.filter { isInside($0.step, release) }.map(\.place)
    let given = (releases + steps.filter { $0.path == release }.map(\.place)).max() ?? 0
    return rows.contains { row in
      [.done, .open, .unknown].contains(row.state) && row.place > given && isInside(row.step, path)
    }
  }

  /// The place of the last thing that was done in a step.
  private static func place(of path: String, _ rows: [OperationRow], _ steps: [StepRow]) -> Int64 {
    let name = lasting(path)
    let inside = { (path: String) in lasting(path) == name || lasting(path).hasPrefix(name + "/") }
    let places = rows.filter { inside($0.step) }.map(\.place) + steps.filter { inside($0.path) }.map(\.place)
    return places.max() ?? 0
  }

  /// A path without the attempts in it.
  static func lasting(_ path: String) -> String {
    path.split(separator: "/").map { $0.prefix { $0 != "~" } }.joined(separator: "/")
  }

  /// Whether a path lies in a step with an undo function.
  static func isCovered(_ path: String, _ functions: Set<String>) -> Bool {
    var words = lasting(path).split(separator: "/")
    while !words.isEmpty {
      if functions.contains(words.joined(separator: "/")) { return true }
      words.removeLast()
    }
    return false
  }

  /// Inverses by what they act on, in the order in which they come, each thing's own one after the other.
  static func bySubject(_ group: [Inverse]) -> [(subject: String, inverses: [Inverse])] {
    var found: [(subject: String, inverses: [Inverse])] = []
    for inverse in group {
      if let index = found.firstIndex(where: { $0.subject == inverse.subject }) {
        found[index].inverses.append(inverse)
      } else {
        found.append((inverse.subject, [inverse]))
      }
    }
    return found
  }

  /// What the inverses act on.
  var targets: [OperationTarget] { inverses.map(\.stored.target) }

  var inverses: [Inverse] {
    acts.flatMap { act in
      if case .inverses(let group) = act { group } else { [Inverse]() }
    }
  }

  var isEmpty: Bool { acts.isEmpty }
}

extension OperationRow {
  /// Whether the operation ended and left everything as it was.
  func leftAsFound(_ coding: OperationCoding) -> Bool {
    guard state == .done, let outcome else { return false }
    return coding.leftAsFound(stored, outcome: outcome)
  }

  /// Whether the operation ended with an unknown outcome, in whole or in part.
  ///
  /// An operator's word that it happened does not say what undoes it.
  func isInDoubt(_ coding: OperationCoding) -> Bool {
    guard state == .done else { return false }
    guard let outcome else { return true }
    return coding.leftInDoubt(stored, outcome: outcome)
  }
}

extension RollbackPlan.Inverse {
  /// Names the step of the rollback that does it: by what it undoes, so that it is the same step whenever it is planned.
  var name: String {
    let name = "undo \(stored.kind) on \(stored.target.subject) \(SHA256(hashing: of.key.utf8).hex.prefix(12))"
    return number == 0 ? name : "\(name) \(number + 1)"
  }

  /// What it acts on: one host, one database.
  var subject: String { stored.target.subject }

  /// What it does, wherever.
  var act: String { operation?.act ?? stored.summary }

  /// How long the change took that it undoes, in seconds; nil where that is not known.
  var seconds: Double? {
    guard !of.isAdopted, let end = of.settledAt else { return nil }
    return Double(end - of.intendedAt) / 1000
  }

  /// Whether both undo operations of one step, or of two items of one loop that are named as what they act on.
  ///
  /// Outside of steps only what is the same act goes together, or puts releases back: nothing else says that it went on at
  /// once.
  fileprivate func isBeside(_ other: RollbackPlan.Inverse) -> Bool {
    guard stored.kind == other.stored.kind, operation?.turn == other.operation?.turn else { return false }
    let (mine, theirs) = (RollbackPlan.lasting(of.step), RollbackPlan.lasting(other.of.step))
    if mine == theirs { return !mine.isEmpty || act == other.act || (isOfRelease && other.isOfRelease) }
    let (loop, item) = RollbackPlan.Inverse.split(mine)
    let (otherLoop, otherItem) = RollbackPlan.Inverse.split(theirs)
    return loop == otherLoop && item == of.target.name && otherItem == other.of.target.name
  }

  private var isOfRelease: Bool { operation?.release != nil }

  private static func split(_ path: String) -> (parent: Substring, last: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", "") }
    return (path[..<slash], String(path[path.index(after: slash)...]))
  }
}

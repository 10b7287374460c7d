/// A filter as the end of a statement.
struct RunCondition {
  private(set) var text = ""
  private(set) var arguments: [DatabaseValue] = []
  /// Empty where rows have to be looked at to know whether they count.
  let limit: String

  init(_ filter: RunFilter) {
    // Whether a run is interrupted or waits may only be known once its row is read.
    let judged: Set<RunState> = [.running, .interrupted, .waiting]
    let isPlain = filter.states.map(judged.isDisjoint) ?? true
    limit = isPlain ? " LIMIT \(max(0, filter.limit))" : ""
    var terms: [String] = []
    if let states = filter.states {
      let stored = judged.isDisjoint(with: states) ? Set(states) : Set(states + [.running])
      terms.append("state IN (\(list(stored.map(\.rawValue).sorted())))")
    }
    if let kinds = filter.kinds { terms.append("kind IN (\(list(kinds.map(\.rawValue))))") }
    if let name = filter.name { terms.append("name = \(list([name]))") }
    if let parent = filter.parent { terms.append("parent = \(list([parent]))") }
    if !terms.isEmpty { text = " WHERE \(terms.joined(separator: " AND "))" }
  }

  private mutating func list(_ words: [String]) -> String {
    // An empty list is no SQL; nothing is equal to NULL.
    if words.isEmpty { return "NULL" }
    return words.map { word in
      arguments.append(.text(word))
      return "$\(arguments.count)"
    }.joined(separator: ", ")
  }
}

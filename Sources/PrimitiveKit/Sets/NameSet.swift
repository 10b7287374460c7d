/// A set of names in ClusterShell's language, kept as patterns with ranges: `bot[1-3,7]`, `web[001-178].lan`.
///
/// Symbolic: a name need not exist anywhere. Order, folding and operators are those of ClusterShell 1.9 (`nodeset`).
package struct NameSet: Hashable, Sendable {
  /// The most names a set may have.
  package static let limit = 1_000_000

  var patterns: [NamePattern: IndexBoxes]

  /// The empty set.
  package init() {
    patterns = [:]
  }

  init(patterns: [NamePattern: IndexBoxes]) {
    self.patterns = patterns
  }

  /// The set of these names, each taken literally.
  package init(names: some Sequence<String>) {
    var builder = NameSetBuilder()
    for name in names { builder.insert(name) }
    self = builder.set
  }

  package var isEmpty: Bool { patterns.isEmpty }

  /// The number of names.
  package var count: Int {
    patterns.values.reduce(0) { sum, boxes in
      let (total, overflow) = sum.addingReportingOverflow(boxes.count)
      return overflow ? .max : total
    }
  }

  /// Whether a single name is in the set.
  package func contains(_ name: String) -> Bool {
    var indices: [IndexRuns.Run] = []
    let pattern = NamePattern(name: name, indices: &indices)
    return patterns[pattern]?.contains(indices) ?? false
  }

  /// Whether every name of another set is in this one.
  package func isSuperset(of other: NameSet) -> Bool { other.subtracting(self).isEmpty }

  /// The names of both sets.
  package func union(_ other: NameSet) -> NameSet {
    NameSet(patterns: patterns.merging(other.patterns) { $0 == $1 ? $0 : $0.union($1) })
  }

  /// The names that are in both sets.
  package func intersection(_ other: NameSet) -> NameSet {
    var result: [NamePattern: IndexBoxes] = [:]
    for (pattern, boxes) in patterns {
      guard let others = other.patterns[pattern] else { continue }
      let common = boxes.intersection(others)
      if !common.isEmpty { result[pattern] = common }
    }
    return NameSet(patterns: result)
  }

  /// The names of this set that are not in the other.
  package func subtracting(_ other: NameSet) -> NameSet {
    var result = patterns
    for (pattern, boxes) in other.patterns {
      guard let mine = result[pattern] else { continue }
      let rest = mine.subtracting(boxes)
      result[pattern] = rest.isEmpty ? nil : rest
    }
    return NameSet(patterns: result)
  }

  /// The names that are in exactly one of the sets.
  package func symmetricDifference(_ other: NameSet) -> NameSet {
    subtracting(other).union(other.subtracting(self))
  }
}

extension NameSet: CustomStringConvertible {
  package var description: String { folded }
}

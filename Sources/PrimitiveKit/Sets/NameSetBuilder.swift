/// Collects names and folds once, so that a long union costs one sort.
struct NameSetBuilder {
  private var pending: [NamePattern: [IndexBoxes.Box]] = [:]
  /// Names with one number, the common case, without a box each.
  private var lines: [NamePattern: [IndexRuns.Run]] = [:]
  private var indices: [IndexRuns.Run] = []

  var isEmpty: Bool { pending.isEmpty && lines.isEmpty }

  mutating func insert(_ name: String) {
    let pattern = NamePattern(name: name, indices: &indices)
    if pattern.dimension == 1 {
      lines[pattern, default: []].append(indices[0])
    } else {
      pending[pattern, default: []].append(indices.map { IndexRuns([$0]) })
    }
  }

  mutating func insert(_ pattern: NamePattern, _ box: IndexBoxes.Box) {
    if pattern.dimension == 1 {
      lines[pattern, default: []] += box[0].runs
    } else {
      pending[pattern, default: []].append(box)
    }
  }

  mutating func insert(_ set: NameSet) {
    for (pattern, boxes) in set.patterns {
      for box in boxes.boxes { insert(pattern, box) }
    }
  }

  var set: NameSet {
    var patterns = pending.mapValues { IndexBoxes($0) }
    for (pattern, runs) in lines { patterns[pattern] = IndexBoxes([[IndexRuns(runs)]]) }
    return NameSet(patterns: patterns)
  }
}

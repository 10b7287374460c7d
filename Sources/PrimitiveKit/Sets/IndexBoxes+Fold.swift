extension IndexBoxes {
  /// The boxes ClusterShell prints for the same set, in its order.
  static func folded(_ boxes: [Box]) -> [Box] {
    guard boxes.count > 1, let first = boxes.first else { return boxes }
    switch first.count {
    case 0: return [first]
    case 1: return [[IndexRuns(boxes.flatMap { $0[0].runs })]]
    default: break
    }
    let varying = first.indices.filter { place in boxes.contains { $0[place] != first[place] } }
    if varying.isEmpty { return [first] }
    if varying.count == 1 {
      var box = first
      box[varying[0]] = IndexRuns(boxes.flatMap { $0[varying[0]].runs })
      return [box]
    }
    return merged(singles(of: boxes))
  }

  /// Every name as a box of its own, each once.
  private static func singles(of boxes: [Box]) -> [Box] {
    var seen: Set<Box> = []
    var singles: [Box] = []
    for box in boxes {
      for single in product(box) where seen.insert(single).inserted { singles.append(single) }
    }
    return singles
  }

  private static func product(_ box: Box) -> [Box] {
    box.reduce([[]]) { partial, runs in
      let values = runs.runs.flatMap { run in
        (run.low...run.high).map { IndexRuns([IndexRuns.Run(width: run.width, low: $0, high: $0)]) }
      }
      return partial.flatMap { head in values.map { head + [$0] } }
    }
  }

  /// Joins boxes that differ in one place only: passes over neighbours until nothing changes, then over all pairs.
  private static func merged(_ singles: [Box]) -> [Box] {
    var boxes = singles
    var comparesAll = false
    while true {
      boxes = sorted(boxes)
      let before = boxes.count
      boxes = comparesAll ? allPairsJoined(boxes) : neighboursJoined(boxes)
      if boxes.count == before {
        if comparesAll { return boxes }
        comparesAll = true
      }
    }
  }

  private static func neighboursJoined(_ boxes: [Box]) -> [Box] {
    var result: [Box] = []
    for box in boxes {
      if let last = result.last, let joined = joined(last, box) {
        result[result.count - 1] = joined
      } else {
        result.append(box)
      }
    }
    return result
  }

  private static func allPairsJoined(_ boxes: [Box]) -> [Box] {
    var boxes = boxes
    var index = 0
    while index < boxes.count {
      var kept = Array(boxes[...index])
      for other in boxes[(index + 1)...] {
        if let joined = joined(kept[index], other) { kept[index] = joined } else { kept.append(other) }
      }
      boxes = kept
      index += 1
    }
    return boxes
  }

  /// One box for two that differ in at most one place, where they are disjoint or one holds the other.
  private static func joined(_ left: Box, _ right: Box) -> Box? {
    var result = left
    var differences = 0
    for place in left.indices where left[place] != right[place] {
      differences += 1
      guard differences == 1 else { return nil }
      let common = left[place].intersection(right[place])
      guard common.isEmpty || common == left[place] || common == right[place] else { return nil }
      result[place] = left[place].union(right[place])
    }
    return result
  }

  /// ClusterShell's order of boxes: larger first, then by place the larger, then by first and last number as text.
  private static func sorted(_ boxes: [Box]) -> [Box] {
    struct Key {
      let size: Int
      let places: [(count: Int, first: String, last: String)]
      let position: Int
    }
    let keys = boxes.enumerated().map { position, box in
      Key(
        size: size(of: box),
        places: box.map { ($0.count, $0.firstText ?? "", $0.lastText ?? "") },
        position: position
      )
    }
    let order = keys.sorted { left, right in
      if left.size != right.size { return left.size > right.size }
      for (a, b) in zip(left.places, right.places) {
        if a.count != b.count { return a.count > b.count }
        if a.first != b.first { return a.first < b.first }
        if a.last != b.last { return a.last < b.last }
      }
      return left.position < right.position
    }
    return order.map { boxes[$0.position] }
  }
}

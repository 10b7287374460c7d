extension NameSet: Sequence {
  /// Every name, in ClusterShell's order: by pattern, then by width and value of the numbers.
  package var names: [String] {
    var names: [String] = []
    for (pattern, boxes) in sorted {
      for box in boxes.boxes { NameSet.append(pattern, box.map(\.texts), [], to: &names) }
    }
    return names
  }

  /// The shortest form: `bot[1-3,7],web[001-178]`; empty text for the empty set.
  package var folded: String {
    var parts: [String] = []
    for (pattern, boxes) in sorted {
      for box in boxes.boxes {
        parts.append(pattern.filled(with: box.map { $0.count > 1 ? "[\($0.folded)]" : $0.folded }))
      }
    }
    return parts.joined(separator: ",")
  }

  package func makeIterator() -> IndexingIterator<[String]> { names.makeIterator() }

  private var sorted: [(key: NamePattern, value: IndexBoxes)] {
    patterns.sorted { NamePattern.precedes($0.key, $1.key) }
  }

  private static func append(_ pattern: NamePattern, _ places: [[String]], _ chosen: [String], to names: inout [String])
  {
    guard chosen.count < places.count else {
      names.append(pattern.filled(with: chosen))
      return
    }
    for text in places[chosen.count] { append(pattern, places, chosen + [text], to: &names) }
  }
}

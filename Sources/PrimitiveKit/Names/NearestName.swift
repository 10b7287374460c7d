/// Finds the names an operator probably meant.
package enum NearestName {
  /// The candidates closest to a mistyped name, best first.
  ///
  /// Compares without regard to case by Damerau-Levenshtein distance (one swap of neighbours counts as one
  /// mistake). A candidate qualifies within a third of the typed length, at least one and at most three mistakes,
  /// or when the typed text of three characters or more begins it. Returns at most `limit` names; equally close
  /// ones in alphabetical order.
  package static func nearest(
    to typed: String,
    in candidates: some Sequence<String>,
    limit: Int = 3
  ) -> [String] {
    let wanted = Array(typed.lowercased().unicodeScalars)
    let bound = max(1, min(3, wanted.count / 3))
    var found: [(distance: Int, name: String)] = []
    for candidate in Set(candidates) {
      let other = Array(candidate.lowercased().unicodeScalars)
      if let distance = distance(wanted, other, bound: bound) {
        found.append((distance, candidate))
      } else if wanted.count >= 3, other.starts(with: wanted) {
        found.append((bound + 1, candidate))
      }
    }
    found.sort { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return found.prefix(limit).map(\.name)
  }

  /// A sentence for a hint, "did you mean 'x'?", or nil when nothing is near.
  package static func question(for typed: String, in candidates: some Sequence<String>) -> String? {
    let names = nearest(to: typed, in: candidates).map { "'\($0)'" }
    guard let last = names.last else { return nil }
    let rest = names.dropLast()
    return rest.isEmpty ? "did you mean \(last)?" : "did you mean \(rest.joined(separator: ", ")) or \(last)?"
  }

  /// The number of mistakes between two words, or nil when it is more than `bound`.
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar], bound: Int) -> Int? {
    guard abs(left.count - right.count) <= bound else { return nil }
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      current.reserveCapacity(right.count + 1)
      var smallest = row + 1
      for column in 0..<right.count {
        let cost = left[row] == right[column] ? 0 : 1
        var best = min(last[column + 1] + 1, current[column] + 1, last[column] + cost)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
        smallest = min(smallest, best)
      }
      // A later row can undercut this one only through a swap, which costs one more than two rows ago.
      guard smallest <= bound + 1 else { return nil }
      beforeLast = last
      last = current
    }
    return last[right.count] <= bound ? last[right.count] : nil
  }
}

/// The numbers at one place of a name, as sorted runs of consecutive numbers written with the same width.
///
/// The text `007` is the number 7 of width 3 and differs from `7`, which is 7 of width 1; so `[1-100]` is three
/// runs. A negative number has the negative of its text length as its width. Sorting by width, then number, is the
/// order in which ClusterShell iterates.
struct IndexRuns: Hashable, Sendable {
  struct Run: Hashable, Sendable {
    var width: Int
    var low: Int
    var high: Int

    var count: Int { high - low + 1 }
  }

  private(set) var runs: [Run]

  /// Sorts and joins runs that may overlap.
  init(_ unsorted: [Run]) {
    guard unsorted.count > 1 else {
      runs = unsorted
      return
    }
    let sorted = unsorted.sorted { ($0.width, $0.low) < ($1.width, $1.low) }
    runs = [sorted[0]]
    for run in sorted.dropFirst() {
      let last = runs.count - 1
      if runs[last].width == run.width, run.low <= runs[last].high + 1 {
        runs[last].high = max(runs[last].high, run.high)
      } else {
        runs.append(run)
      }
    }
  }

  private init(canonical runs: [Run]) {
    self.runs = runs
  }

  var isEmpty: Bool { runs.isEmpty }
  var count: Int { runs.reduce(0) { $0 + $1.count } }
  var firstText: String? { runs.first.map { IndexRuns.text(of: $0.low, width: $0.width) } }
  var lastText: String? { runs.last.map { IndexRuns.text(of: $0.high, width: $0.width) } }

  /// Every number as text, in order.
  var texts: [String] {
    var texts: [String] = []
    texts.reserveCapacity(count)
    for run in runs {
      for number in run.low...run.high { texts.append(IndexRuns.text(of: number, width: run.width)) }
    }
    return texts
  }

  static func text(of number: Int, width: Int) -> String {
    let digits = String(number)
    return width > digits.utf8.count ? String(repeating: "0", count: width - digits.utf8.count) + digits : digits
  }
}

extension IndexRuns {
  func union(_ other: IndexRuns) -> IndexRuns {
    other.isEmpty ? self : isEmpty ? other : IndexRuns(runs + other.runs)
  }

  func intersection(_ other: IndexRuns) -> IndexRuns {
    var result: [Run] = []
    var left = 0
    var right = 0
    while left < runs.count, right < other.runs.count {
      let a = runs[left]
      let b = other.runs[right]
      if a.width == b.width, max(a.low, b.low) <= min(a.high, b.high) {
        result.append(Run(width: a.width, low: max(a.low, b.low), high: min(a.high, b.high)))
      }
      if (a.width, a.high) < (b.width, b.high) { left += 1 } else { right += 1 }
    }
    return IndexRuns(canonical: result)
  }

  func subtracting(_ other: IndexRuns) -> IndexRuns {
    var result: [Run] = []
    var right = 0
    for run in runs {
      var rest: Run? = run
      while right < other.runs.count, let current = rest {
        let hole = other.runs[right]
        if (hole.width, hole.high) < (current.width, current.low) {
          right += 1
          continue
        }
        guard hole.width == current.width, hole.low <= current.high else { break }
        if hole.low > current.low { result.append(Run(width: current.width, low: current.low, high: hole.low - 1)) }
        rest = hole.high < current.high ? Run(width: current.width, low: hole.high + 1, high: current.high) : nil
      }
      if let rest { result.append(rest) }
    }
    return IndexRuns(canonical: result)
  }

  func isDisjoint(with other: IndexRuns) -> Bool { intersection(other).isEmpty }

  func isSuperset(of other: IndexRuns) -> Bool { other.subtracting(self).isEmpty }

  func contains(_ run: Run) -> Bool {
    var from = 0
    var to = runs.count
    while from < to {
      let middle = (from + to) / 2
      if (runs[middle].width, runs[middle].high) < (run.width, run.low) { from = middle + 1 } else { to = middle }
    }
    return from < runs.count && runs[from].width == run.width && runs[from].low <= run.low
      && run.high <= runs[from].high
  }
}

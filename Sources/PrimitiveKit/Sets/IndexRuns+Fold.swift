extension IndexRuns {
  /// One printed piece: `7`, or `1-9`, or `01-10`.
  struct Slice: Equatable {
    var low: String
    var high: String

    var text: String { low == high ? low : "\(low)-\(high)" }
  }

  /// The runs joined over widths where that reads the same: `1-9,10-12` is `1-12`, but `01-99,100` stays.
  ///
  /// A piece is *padded* when its first number has leading zeros; it then holds only numbers of its own width. As in
  /// ClusterShell 1.9, a piece after a lone number of the same width inherits whether it is padded, which is why
  /// `08,10-99,100` does not join and `07-08,10-99,100` does.
  var slices: [Slice] {
    var slices: [Slice] = []
    var current: (start: Run, end: Run, count: Int, padded: Bool)?
    for run in runs {
      let isPadded = run.low >= 0 && run.width > String(run.low).utf8.count
      guard let last = current else {
        current = (run, run, run.count, isPadded)
        continue
      }
      let mismatch = last.padded ? run.width != last.end.width : isPadded
      if !mismatch, run.low == last.end.high + 1 {
        current = (last.start, run, last.count + run.count, last.padded)
      } else {
        slices.append(Self.slice(from: last.start, to: last.end))
        current = (run, run, run.count, mismatch || last.count > 1 ? isPadded : last.padded)
      }
    }
    if let last = current { slices.append(Self.slice(from: last.start, to: last.end)) }
    return slices
  }

  /// The text between brackets, or the lone number.
  var folded: String { slices.map(\.text).joined(separator: ",") }

  private static func slice(from start: Run, to end: Run) -> Slice {
    Slice(low: text(of: start.low, width: start.width), high: text(of: end.high, width: end.width))
  }
}

/// The text between two brackets together with the digits that touch them.
struct NumberRange {
  let text: SetText
  let range: Range<Int>
  let before: String
  let after: String
  let limit: Int

  /// The numbers; digits outside the brackets are joined to both bounds of a piece, as ClusterShell does.
  ///
  /// So `a[1-2]5` is a15, a25, and `a1[8-12]`, by the same rule, is every number from 18 to 112.
  func runs() throws(NameSetError) -> IndexRuns {
    var pieces = try Subrange.list(in: text, range)
    if !after.isEmpty { pieces = try appending(after, to: pieces) }
    if !before.isEmpty { pieces = try prepending(before, to: pieces) }
    return try numbers(of: pieces)
  }

  private func numbers(of pieces: [Subrange]) throws(NameSetError) -> IndexRuns {
    var runs: [IndexRuns.Run] = []
    for piece in pieces { runs += try piece.runs(in: text, limit: limit) }
    return IndexRuns(runs)
  }

  private func appending(_ digits: String, to pieces: [Subrange]) throws(NameSetError) -> [Subrange] {
    if text.bytes[range].contains(UInt8(ascii: "/")) {
      let advice = "write the numbers out, or move the digits into the brackets"
      throw .badRange("digits right after a range with a step", at: text.place(range.upperBound + 1), try: advice)
    }
    try refuseNegative(pieces)
    let power = digits.utf8.reduce(1) { power, _ in power < Int.max / 10 ? power * 10 : power }
    return pieces.map { piece in
      var piece = piece
      piece.low += digits
      piece.high += digits
      if piece.isRange { piece.step = power }
      return piece
    }
  }

  private func prepending(_ digits: String, to pieces: [Subrange]) throws(NameSetError) -> [Subrange] {
    try refuseNegative(pieces)
    let first = pieces.first?.offset ?? range.lowerBound
    return try numbers(of: pieces).slices.map {
      Subrange(low: digits + $0.low, high: digits + $0.high, isRange: $0.low != $0.high, offset: first)
    }
  }

  private func refuseNegative(_ pieces: [Subrange]) throws(NameSetError) {
    guard let negative = pieces.first(where: { $0.low.hasPrefix("-") || $0.high.hasPrefix("-") }) else { return }
    throw .badRange("a negative number next to digits", at: text.place(negative.offset), try: nil)
  }
}

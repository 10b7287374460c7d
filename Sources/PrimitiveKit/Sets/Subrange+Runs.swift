extension Subrange {
  /// The numbers of the piece; padded when its first bound has leading zeros, and then both bounds are as long.
  func runs(in text: SetText, limit: Int) throws(NameSetError) -> [IndexRuns.Run] {
    let digits = (low: low.drop { $0 == "-" }, high: high.drop { $0 == "-" })
    guard digits.low.utf8.count <= NamePattern.longestNumber, digits.high.utf8.count <= NamePattern.longestNumber,
      let first = Int(low), let last = Int(high)
    else {
      let advice = "numbers have at most \(NamePattern.longestNumber) digits"
      throw .badRange("the number is too long", at: text.place(offset), try: advice)
    }
    let isPadded = Subrange.isPadded(digits.low)
    if isPadded || Subrange.isPadded(digits.high) {
      guard !low.hasPrefix("-") else {
        throw .badRange("a negative number has no leading zeros", at: text.place(offset), try: nil)
      }
      guard low.utf8.count == high.utf8.count else {
        throw .badRange(
          "'\(low)' and '\(high)' differ in length",
          at: text.place(offset),
          try: "pad both, as in [001-178]"
        )
      }
    }
    guard first <= last else {
      throw .badRange(
        "\(low) is greater than \(high)",
        at: text.place(offset),
        try: "write the smaller number first: [\(high)-\(low)]"
      )
    }
    guard (last - first) / step < limit else { throw .tooLarge(limit: limit, at: text.place(offset)) }
    if step > 1 {
      return stride(from: first, through: last, by: step).map { number in
        IndexRuns.Run(width: isPadded ? low.utf8.count : Subrange.width(of: number), low: number, high: number)
      }
    }
    if isPadded { return [IndexRuns.Run(width: low.utf8.count, low: first, high: last)] }
    return Subrange.runsByWidth(first, last)
  }

  private static func isPadded(_ digits: Substring) -> Bool { digits.utf8.count > 1 && digits.hasPrefix("0") }

  private static func width(of number: Int) -> Int {
    let length = String(number).utf8.count
    return number < 0 ? -length : length
  }

  private static func runsByWidth(_ first: Int, _ last: Int) -> [IndexRuns.Run] {
    var runs: [IndexRuns.Run] = []
    var low = first
    while low <= last {
      let width = width(of: low)
      // The last number as wide as this one: 99 for 10, -10 for -99, -1 for -9.
      let power = (0..<abs(width) - (low < 0 ? 2 : 0)).reduce(1) { power, _ in power * 10 }
      let high = min(last, low < 0 ? -power : power - 1)
      runs.append(IndexRuns.Run(width: width, low: low, high: high))
      low = high + 1
    }
    return runs
  }
}

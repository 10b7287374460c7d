/// One comma-separated piece between brackets: `7`, `1-9`, `01-10`, `0-8/2`, `-5`.
struct Subrange {
  /// The bounds as written, digits with an optional minus sign.
  var low: String
  var high: String
  var isRange: Bool
  var step = 1
  /// Where the piece stands in the text of the set.
  let offset: Int

  /// Reads the pieces between two brackets.
  static func list(in text: SetText, _ range: Range<Int>) throws(NameSetError) -> [Subrange] {
    var pieces: [Subrange] = []
    var start = range.lowerBound
    while true {
      let end = text.bytes[start..<range.upperBound].firstIndex(of: UInt8(ascii: ",")) ?? range.upperBound
      pieces.append(try Subrange(text, text.trimmed(start..<end)))
      guard end < range.upperBound else { return pieces }
      start = end + 1
    }
  }

  init(low: String, high: String, isRange: Bool, offset: Int) {
    self.low = low
    self.high = high
    self.isRange = isRange
    self.offset = offset
  }

  private init(_ text: SetText, _ range: Range<Int>) throws(NameSetError) {
    offset = range.lowerBound
    guard !range.isEmpty else {
      throw .badRange("empty range", at: text.place(offset), try: "write a number or a range, as in [1-9,12]")
    }
    let slash = text.bytes[range].firstIndex(of: UInt8(ascii: "/"))
    if let slash {
      guard let step = Int(text.string(text.trimmed(slash + 1..<range.upperBound))) else {
        throw .badRange("the step is not a number", at: text.place(slash + 1), try: "write it as in [0-8/2]")
      }
      guard step >= 1 else {
        throw .badRange("the step must be at least 1", at: text.place(slash + 1), try: "write it as in [0-8/2]")
      }
      self.step = step
    }
    var rest = text.trimmed(range.lowerBound..<(slash ?? range.upperBound))
    guard let low = Subrange.number(text, &rest) else { throw Subrange.notANumber(text, range) }
    self.low = low
    guard !rest.isEmpty else {
      guard step == 1 else {
        throw .badRange("a step needs a range", at: text.place(offset), try: "write it as in [0-8/2]")
      }
      high = low
      isRange = false
      return
    }
    guard text.bytes[rest.lowerBound] == UInt8(ascii: "-") else { throw Subrange.notANumber(text, range) }
    rest = text.trimmed(rest.lowerBound + 1..<rest.upperBound)
    guard let high = Subrange.number(text, &rest), rest.isEmpty else { throw Subrange.notANumber(text, range) }
    self.high = high
    isRange = true
  }

  private static func notANumber(_ text: SetText, _ range: Range<Int>) -> NameSetError {
    .badRange(
      "'\(text.string(range))' is not a range of numbers",
      at: text.place(range.lowerBound),
      try: "write it as in [1-9]"
    )
  }

  private static func number(_ text: SetText, _ rest: inout Range<Int>) -> String? {
    var end = rest.lowerBound
    if end < rest.upperBound, text.bytes[end] == UInt8(ascii: "-") { end += 1 }
    let firstDigit = end
    while end < rest.upperBound, NamePattern.isDigit(text.bytes[end]) { end += 1 }
    guard end > firstDigit else { return nil }
    let number = text.string(rest.lowerBound..<end)
    rest = text.trimmed(end..<rest.upperBound)
    return number
  }
}

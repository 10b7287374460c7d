/// Cuts the text of a set into terms and operators, by ClusterShell's rules.
struct SetScanner {
  let text: SetText
  let limit: Int
  private var position: Int
  private let end: Int
  private var operation = SetOperator.union
  private var isFirst = true

  init(_ text: SetText, limit: Int) {
    self.text = text
    self.limit = limit
    let range = text.trimmed(0..<text.bytes.count)
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next term, nil at the end.
  mutating func next() throws(NameSetError) -> SetTerm? {
    if isFirst, position == end { return nil }
    guard isFirst || operatorPosition != nil else { return nil }
    isFirst = false
    while position < end, SetText.isSpace(text.bytes[position]) { position += 1 }
    let start = position
    let pieces = try scanPieces()
    var range = text.trimmed(start..<position)
    guard !range.isEmpty else { throw missingOperand(at: start) }
    let used = operation
    operatorPosition = nil
    if position < end, let next = SetOperator(rawValue: text.bytes[position]) {
      operation = next
      operatorPosition = position
      position += 1
      if position == end { throw missingOperand(at: end) }
    }
    if let tag = try tag(in: range) {
      return SetTerm(operation: used, range: range, content: .tag(key: tag.key, value: tag.value), isWord: false)
    }
    range = range.lowerBound..<range.upperBound
    let (pattern, box) = try assemble(pieces, upTo: range.upperBound)
    return SetTerm(operation: used, range: range, content: .names(pattern, box), isWord: pieces.count == 1)
  }

  private var operatorPosition: Int?

  private func missingOperand(at offset: Int) -> NameSetError {
    let problem = operatorPosition.map { _ in "a name is missing after '\(operation.symbol)'" } ?? "a name is missing"
    return .syntax(problem, at: text.place(offset), try: "write a name on both sides of an operator")
  }
}

extension SetScanner {
  fileprivate enum Piece {
    case literal(Range<Int>)
    case brackets(Range<Int>)
  }

  /// Literals and brackets in turn, beginning and ending with a literal, up to the next operator.
  fileprivate mutating func scanPieces() throws(NameSetError) -> [Piece] {
    var pieces: [Piece] = []
    var start = position
    while position < end {
      let byte = text.bytes[position]
      if SetOperator(rawValue: byte) != nil { break }
      switch byte {
      case UInt8(ascii: "]"):
        throw .syntax("']' without '['", at: text.place(position), try: nil)
      case UInt8(ascii: "["):
        guard let close = text.bytes[position..<end].firstIndex(of: UInt8(ascii: "]")) else {
          throw .syntax("'[' is never closed", at: text.place(position), try: "close it with ']'")
        }
        pieces += [.literal(start..<position), .brackets(position + 1..<close)]
        position = close + 1
        start = position
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        guard position > start, text.bytes[position - 1] == UInt8(ascii: ":") else { fallthrough }
        guard let close = text.bytes[(position + 1)..<end].firstIndex(of: byte) else {
          throw .syntax("the quoted value is never closed", at: text.place(position), try: nil)
        }
        position = close + 1
      default:
        position += 1
      }
    }
    pieces.append(.literal(start..<position))
    return pieces
  }

  /// `key:value` with a key that is a word; a group source (`@a:b`) and a name such as `::1` are not tags.
  fileprivate func tag(in range: Range<Int>) throws(NameSetError) -> (key: String, value: String)? {
    guard let colon = text.bytes[range].firstIndex(of: UInt8(ascii: ":")), colon > range.lowerBound,
      text.bytes[range.lowerBound..<colon].allSatisfy(SetScanner.isKeyByte)
    else { return nil }
    let value = text.trimmed(colon + 1..<range.upperBound)
    guard let first = text.bytes[value].first else {
      throw .syntax("the tag has no value", at: text.place(colon + 1), try: "write key:value, or key:\"two words\"")
    }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      guard value.count > 1, text.bytes[value.upperBound - 1] == first else {
        throw .syntax(
          "text after the quoted value",
          at: text.place(value.upperBound - 1),
          try: "put an operator between"
        )
      }
      return (text.string(range.lowerBound..<colon), text.string(value.lowerBound + 1..<value.upperBound - 1))
    }
    if let special = text.bytes[value].firstIndex(where: { "[]*?".utf8.contains($0) }) {
      let advice = "a tag selects one whole value; join several with ','"
      throw .syntax(
        "'\(text.string(special..<special + 1))' in the value of a tag",
        at: text.place(special),
        try: advice
      )
    }
    return (text.string(range.lowerBound..<colon), text.string(value))
  }

  private static func isKeyByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Builds pattern and numbers; digits that touch brackets become part of the numbers: `web1[2-3]` is web12, web13.
  fileprivate func assemble(_ pieces: [Piece], upTo end: Int) throws(NameSetError) -> (NamePattern, IndexBoxes.Box) {
    var template: [UInt8] = []
    var box: IndexBoxes.Box = []
    var singles: [IndexRuns.Run] = []
    var taken = 0  // digits of the coming literal that belong to the brackets before it
    for (index, piece) in pieces.enumerated() {
      switch piece {
      case .literal(let range):
        var text = self.text.bytes[min(range.lowerBound + taken, end)..<min(range.upperBound, end)]
        if index + 1 < pieces.count {
          if index > 0, text.isEmpty {
            throw .syntax(
              "'[' right after ']'",
              at: self.text.place(range.upperBound),
              try: "write all numbers into one pair"
            )
          }
          text = text[..<(text.lastIndex { !NamePattern.isDigit($0) }.map { $0 + 1 } ?? text.startIndex)]
        }
        singles.removeAll(keepingCapacity: true)
        NamePattern.append(text, to: &template, indices: &singles)
        box += singles.map { IndexRuns([$0]) }
      case .brackets(let range):
        let before = digits(endingAt: range.lowerBound - 1, in: pieces[index - 1], taken: taken)
        let after = digits(startingAt: range.upperBound + 1, in: pieces[index + 1], upTo: end)
        taken = after.utf8.count
        box.append(try NumberRange(text: text, range: range, before: before, after: after, limit: limit).runs())
        template += [UInt8(ascii: "%"), UInt8(ascii: "s")]
      }
    }
    guard IndexBoxes.size(of: box) <= limit else { throw .tooLarge(limit: limit, at: text.place(0)) }
    return (NamePattern(template: template, dimension: box.count), box)
  }

  private func digits(endingAt offset: Int, in piece: Piece, taken: Int) -> String {
    guard case .literal(let range) = piece else { return "" }
    var start = offset
    while start > range.lowerBound + taken, NamePattern.isDigit(text.bytes[start - 1]) { start -= 1 }
    return text.string(start..<offset)
  }

  private func digits(startingAt offset: Int, in piece: Piece, upTo end: Int) -> String {
    guard case .literal(let range) = piece else { return "" }
    var stop = offset
    while stop < min(range.upperBound, end), NamePattern.isDigit(text.bytes[stop]) { stop += 1 }
    return text.string(min(offset, stop)..<stop)
  }
}

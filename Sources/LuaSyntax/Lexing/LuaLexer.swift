/// Cuts Lua source into tokens, strictly as llex.c does.
struct LuaLexer {
  let bytes: [UInt8]
  let bounds: TokenBounds
  private(set) var position = 0
  private(set) var line = 1

  init(_ text: String) {
    bytes = Array(text.utf8)
    bounds = TokenBounds(bytes)
  }

  // The longest come first.
  private static let symbols: [[UInt8]] = [
    "...", "<<", ">>", "//", "==", "~=", "<=", ">=", "::", "..", "+", "-", "*", "/", "%", "^", "#", "&", "~", "|", "<",
    ">", "=", "(", ")", "{", "}", "[", "]", ";", ":", ",", ".",
  ].map { (symbol: String) in Array(symbol.utf8) }

  /// The next token; `end` at the end of the text, as often as it is asked for.
  mutating func next() throws(LuaSyntaxError) -> LuaToken {
    try skipSpace()
    let start = position
    let first = line
    let kind = try kind(at: start)
    return LuaToken(kind: kind, span: LuaSpan(bytes: start..<position, line: first, lastLine: line))
  }

  private mutating func kind(at start: Int) throws(LuaSyntaxError) -> LuaToken.Kind {
    guard start < bytes.count else { return .end }
    if let end = bounds.endOfName(at: start) {
      let word = text(start..<end)
      position = end
      return TokenBounds.keywords.contains(word) ? .keyword(word) : .name(word)
    }
    if let level = bounds.levelOfLongBracket(at: start) {
      return .string(try longString(from: start, level: level, what: "string"))
    }
    if bounds.byte(start, isIn: "\"'") { return .string(try shortString(from: start)) }
    if let end = bounds.endOfLiteral(at: start) {
      position = end
      return try numeral(start..<end)
    }
    if bounds.byte(start, isIn: "["), bounds.byte(start + 1, isIn: "=") {
      throw failure("invalid long string delimiter", start..<(start + 2))
    }
    for symbol in LuaLexer.symbols where bytes[start...].starts(with: symbol) {
      position = start + symbol.count
      return .symbol(text(start..<position))
    }
    throw failure("unexpected symbol", start..<(start + 1))
  }

  private mutating func skipSpace() throws(LuaSyntaxError) {
    while position < bytes.count, let end = bounds.endOfSpace(at: position) {
      let isComment = bytes[position] == UInt8(ascii: "-")
      if isComment, let level = bounds.levelOfLongBracket(at: position + 2) {
        _ = try longString(from: position + 2, level: level, what: "comment")
      } else {
        line += lineEnds(position..<end)
        position = end
      }
    }
  }

  /// The bytes between long brackets, every line end as one `\n` and the first one left out; moves past them.
  private mutating func longString(from start: Int, level: Int, what: String) throws(LuaSyntaxError) -> [UInt8] {
    let end = bounds.endOfLongBracket(at: start) ?? bytes.count
    let closing = [UInt8(ascii: "]")] + [UInt8](repeating: UInt8(ascii: "="), count: level) + [UInt8(ascii: "]")]
    // The closing bracket may not share bytes with the opening one.
    guard end - start >= 2 * closing.count, bytes[..<end].suffix(closing.count).elementsEqual(closing) else {
      let first = line
      line += lineEnds(start..<bytes.count)
      throw failure("unfinished long \(what) (starting at line \(first))", bytes.count..<bytes.count)
    }
    var content: [UInt8] = []
    var index = start + closing.count
    var isFirst = true
    while index < end - closing.count {
      if let next = endOfLine(at: index) {
        if !isFirst { content.append(UInt8(ascii: "\n")) }
        index = next
      } else {
        content.append(bytes[index])
        index += 1
      }
      isFirst = false
    }
    line += lineEnds(start..<end)
    position = end
    return content
  }

  /// Where the next line begins, if a line ends here; `\r\n` and `\n\r` are one line end.
  func endOfLine(at index: Int) -> Int? {
    guard bounds.byte(index, isIn: "\r\n") else { return nil }
    let isPair = bounds.byte(index + 1, isIn: "\r\n") && bytes[index + 1] != bytes[index]
    return index + (isPair ? 2 : 1)
  }

  func lineEnds(_ range: Range<Int>) -> Int {
    var count = 0
    var index = range.lowerBound
    while index < range.upperBound {
      if let next = endOfLine(at: index) {
        count += 1
        index = next
      } else {
        index += 1
      }
    }
    return count
  }

  /// Moves to the end of a token that spans line ends.
  mutating func move(to end: Int, lines: Int) {
    position = end
    line += lines
  }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  func failure(_ message: String, _ near: Range<Int>) -> LuaSyntaxError {
    let range = near.clamped(to: 0..<bytes.count)
    let word = range.isEmpty ? "<eof>" : "'\(text(range))'"
    return LuaSyntaxError(message: "\(message) near \(word)", line: line, offset: near.lowerBound)
  }
}

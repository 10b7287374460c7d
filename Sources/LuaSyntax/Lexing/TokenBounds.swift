/// Finds the ends of Lua tokens (manual 3.1) in bytes.
struct TokenBounds {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  /// Whether the byte at a position is one of the ASCII characters given.
  func byte(_ position: Int, isIn characters: StaticString) -> Bool {
    guard position < bytes.count else { return false }
    return characters.withUTF8Buffer { $0.contains(bytes[position]) }
  }

  /// The end of white space or of a comment, or nil when neither starts here.
  func endOfSpace(at start: Int) -> Int? {
    var end = start
    while byte(end, isIn: " \t\r\n\u{0B}\u{0C}") { end += 1 }
    if end > start { return end }
    guard byte(start, isIn: "-"), byte(start + 1, isIn: "-") else { return nil }
    if let end = endOfLongBracket(at: start + 2) { return end }
    return bytes[start...].firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? bytes.count
  }

  func endOfName(at start: Int) -> Int? {
    guard isNameByte(start), !byte(start, isIn: "0123456789") else { return nil }
    var end = start + 1
    while isNameByte(end) { end += 1 }
    return end
  }

  private func isNameByte(_ position: Int) -> Bool {
    byte(position, isIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")
  }

  /// The end of a string or number, or nil when none starts here.
  func endOfLiteral(at start: Int) -> Int? {
    if byte(start, isIn: "\"'") { return endOfString(at: start) }
    if byte(start, isIn: "0123456789") || (byte(start, isIn: ".") && byte(start + 1, isIn: "0123456789")) {
      return endOfNumber(at: start)
    }
    return endOfLongBracket(at: start)
  }

  private func endOfString(at start: Int) -> Int {
    var end = start + 1
    while end < bytes.count, bytes[end] != bytes[start], !byte(end, isIn: "\r\n") {
      guard bytes[end] == UInt8(ascii: "\\") else {
        end += 1
        continue
      }
      let skipsSpace = byte(end + 1, isIn: "z")
      let isPair = byte(end + 1, isIn: "\r\n") && byte(end + 2, isIn: "\r\n") && bytes[end + 1] != bytes[end + 2]
      end += isPair ? 3 : 2
      while skipsSpace, byte(end, isIn: " \t\r\n\u{0B}\u{0C}") { end += 1 }
    }
    return min(end + 1, bytes.count)
  }

  private func endOfNumber(at start: Int) -> Int {
    let isHex = byte(start, isIn: "0") && byte(start + 1, isIn: "xX")
    var end = start + 1
    while isNameByte(end) || byte(end, isIn: ".") || (byte(end, isIn: "+-") && byte(end - 1, isIn: isHex ? "pP" : "eE"))
    {
      end += 1
    }
    return end
  }

  /// How many `=` the long bracket that starts here has, or nil when none does.
  func levelOfLongBracket(at start: Int) -> Int? {
    guard byte(start, isIn: "[") else { return nil }
    var end = start + 1
    while byte(end, isIn: "=") { end += 1 }
    return byte(end, isIn: "[") ? end - start - 1 : nil
  }

  /// The end of the long bracket that starts here; the end of the text when it is not closed.
  func endOfLongBracket(at start: Int) -> Int? {
    guard let equals = levelOfLongBracket(at: start) else { return nil }
    let level = start + 1 + equals
    let closing = [UInt8(ascii: "]")] + bytes[(start + 1)..<level] + [UInt8(ascii: "]")]
    var end = level + 1
    while end + closing.count <= bytes.count {
      if bytes[end] == closing[0], bytes[end..<(end + closing.count)].elementsEqual(closing) {
        return end + closing.count
      }
      end += 1
    }
    return bytes.count
  }

  private func skipSpace(_ start: Int) -> Int {
    var position = start
    while position < bytes.count, let end = endOfSpace(at: position) { position = end }
    return position
  }

  /// Whether the `<` at a position begins a command form, given that a name stands before it.
  func beginsForm(at position: Int) -> Bool {
    let next = skipSpace(position + 1)
    if byte(next, isIn: ">") { return true }
    guard let end = endOfName(at: next) else { return false }
    guard !TokenBounds.keywords.contains(String(decoding: bytes[next..<end], as: UTF8.self)) else { return false }
    let sign = skipSpace(end)
    return byte(sign, isIn: "=") && !byte(sign + 1, isIn: "=")
  }

  /// Where `fleet` starts, given `deploy` of `fleet.deploy`.
  func startOfPath(endingWith name: Range<Int>) -> Int {
    var start = name.lowerBound
    while start > 0, isNameByte(start - 1) || byte(start - 1, isIn: ".:") { start -= 1 }
    return start
  }
}

/// The words and signs of a Lua text with their places; comments are skipped.
package struct LuaTokens: Sendable {
  /// What a token is; numbers count as names.
  package enum Kind: Sendable {
    case name, string, sign
  }

  /// A word, a sign or a string.
  package struct Token: Sendable {
    package let kind: Kind
    /// The text; of a string, what stands between the quotes as written.
    package let text: String
    package let line: Int
    /// Counted in bytes from 1.
    package let column: Int

    /// The word or sign; empty for a string.
    package var sign: String { kind == .string ? "" : text }
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var lineStart = 0

  package init(_ source: String) {
    bytes = Array(source.utf8)
    if bytes.starts(with: "#".utf8) { skipLine() }
  }

  /// The next token, nil at the end of the text.
  package mutating func next() -> Token? {
    while let byte = byte(0) {
      if byte <= 32 {
        advance(1)
      } else if byte == UInt8(ascii: "-"), self.byte(1) == byte {
        advance(2)
        if longBracket() == nil { skipLine() }
      } else {
        return token(byte)
      }
    }
    return nil
  }

  private mutating func token(_ first: UInt8) -> Token {
    let start = position
    let startLine = line
    let column = position - lineStart + 1
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      advance(1)
      while let byte = byte(0), byte != first, byte != 10 { advance(byte == UInt8(ascii: "\\") ? 2 : 1) }
      let text = String(decoding: bytes[min(start + 1, position)..<position], as: UTF8.self)
      advance(1)
      return Token(kind: .string, text: text, line: startLine, column: column)
    }
    if first == UInt8(ascii: "["), let text = longBracket() {
      return Token(kind: .string, text: text, line: startLine, column: column)
    }
    while let byte = byte(0), LuaTokens.isWord(byte) { advance(1) }
    if position == start {
      advance(1)
      // `==` is not the `=` of a field.
      if first == UInt8(ascii: "="), byte(0) == first { advance(1) }
      return Token(
        kind: .sign,
        text: String(decoding: bytes[start..<position], as: UTF8.self),
        line: startLine,
        column: column
      )
    }
    return Token(
      kind: .name,
      text: String(decoding: bytes[start..<position], as: UTF8.self),
      line: startLine,
      column: column
    )
  }

  /// Passes over `[[…]]` or `[==[…]==]`; nil, without moving, when none begins here.
  private mutating func longBracket() -> String? {
    guard byte(0) == UInt8(ascii: "[") else { return nil }
    var level = 0
    while byte(level + 1) == UInt8(ascii: "=") { level += 1 }
    guard byte(level + 1) == UInt8(ascii: "[") else { return nil }
    let closing = Array("]".utf8) + Array(repeating: UInt8(ascii: "="), count: level) + Array("]".utf8)
    advance(level + 2)
    let start = position
    while position < bytes.count, !bytes[position...].starts(with: closing) { advance(1) }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    advance(closing.count)
    return text
  }

  private mutating func skipLine() {
    while let byte = byte(0), byte != 10 { advance(1) }
  }

  private func byte(_ offset: Int) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  private mutating func advance(_ count: Int) {
    for _ in 0..<count where position < bytes.count {
      position += 1
      guard bytes[position - 1] == 10 else { continue }
      line += 1
      lineStart = position
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 128...:
      true
    default: false
    }
  }
}

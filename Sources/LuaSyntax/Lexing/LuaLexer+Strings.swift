extension LuaLexer {
  /// Reads a string in quotes and its escapes (manual 3.1).
  mutating func shortString(from start: Int) throws(LuaSyntaxError) -> [UInt8] {
    var content: [UInt8] = []
    var index = start + 1
    var lines = 0
    while index < bytes.count, bytes[index] != bytes[start] {
      guard endOfLine(at: index) == nil else { throw failure("unfinished string", start..<index) }
      if bytes[index] == UInt8(ascii: "\\") {
        index = try escape(at: index, of: start, into: &content, lines: &lines)
      } else {
        content.append(bytes[index])
        index += 1
      }
    }
    guard index < bytes.count else { throw failure("unfinished string", bytes.count..<bytes.count) }
    move(to: index + 1, lines: lines)
    return content
  }

  // Answers where the escape ends.
  private func escape(at slash: Int, of start: Int, into content: inout [UInt8], lines: inout Int)
    throws(LuaSyntaxError) -> Int
  {
    let index = slash + 1
    guard index < bytes.count else { throw failure("unfinished string", bytes.count..<bytes.count) }
    if let next = endOfLine(at: index) {
      content.append(UInt8(ascii: "\n"))
      lines += 1
      return next
    }
    switch bytes[index] {
    case UInt8(ascii: "a"): content.append(7)
    case UInt8(ascii: "b"): content.append(8)
    case UInt8(ascii: "f"): content.append(12)
    case UInt8(ascii: "n"): content.append(10)
    case UInt8(ascii: "r"): content.append(13)
    case UInt8(ascii: "t"): content.append(9)
    case UInt8(ascii: "v"): content.append(11)
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): content.append(bytes[index])
    case UInt8(ascii: "x"): return try hexadecimal(at: index + 1, of: start, into: &content)
    case UInt8(ascii: "u"): return try scalar(at: index + 1, of: start, into: &content)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return try decimal(at: index, of: start, into: &content)
    case UInt8(ascii: "z"): return skipSpace(after: index, lines: &lines)
    default: throw failure("invalid escape sequence", start..<(index + 1))
    }
    return index + 1
  }

  private func skipSpace(after index: Int, lines: inout Int) -> Int {
    var end = index + 1
    while bounds.byte(end, isIn: " \t\r\n\u{0B}\u{0C}") { end += 1 }
    lines += lineEnds((index + 1)..<end)
    return end
  }

  private func digit(at index: Int) -> UInt32? {
    guard index < bytes.count else { return nil }
    return Character(UnicodeScalar(bytes[index])).hexDigitValue.map(UInt32.init)
  }

  private func hexadecimal(at index: Int, of start: Int, into content: inout [UInt8]) throws(LuaSyntaxError) -> Int {
    guard let high = digit(at: index), let low = digit(at: index + 1) else {
      throw failure("hexadecimal digit expected", start..<(index + 1))
    }
    content.append(UInt8(high * 16 + low))
    return index + 2
  }

  private func decimal(at index: Int, of start: Int, into content: inout [UInt8]) throws(LuaSyntaxError) -> Int {
    var value = 0
    var end = index
    while end < index + 3, bounds.byte(end, isIn: "0123456789") {
      value = value * 10 + Int(bytes[end] - UInt8(ascii: "0"))
      end += 1
    }
    guard let byte = UInt8(exactly: value) else { throw failure("decimal escape too large", start..<(end + 1)) }
    content.append(byte)
    return end
  }

  // Up to 2^31, in UTF-8 as it was first defined, with up to 6 bytes.
  private func scalar(at index: Int, of start: Int, into content: inout [UInt8]) throws(LuaSyntaxError) -> Int {
    guard bounds.byte(index, isIn: "{") else { throw failure("missing '{' in \\u{xxxx}", start..<(index + 1)) }
    var value: UInt32 = 0
    var end = index + 1
    while let digit = digit(at: end) {
      guard value <= 0x7FF_FFFF else { throw failure("UTF-8 value too large", start..<(end + 1)) }
      value = value * 16 + digit
      end += 1
    }
    guard end > index + 1 else { throw failure("hexadecimal digit expected", start..<(end + 1)) }
    guard bounds.byte(end, isIn: "}") else { throw failure("missing '}' in \\u{xxxx}", start..<(end + 1)) }
    content += LuaLexer.encoded(value)
    return end + 1
  }

  private static func encoded(_ value: UInt32) -> [UInt8] {
    guard value >= 0x80 else { return [UInt8(value)] }
    var rest = value
    var tail: [UInt8] = []
    var room: UInt32 = 0x3F  // what fits into the first byte
    repeat {
      tail.insert(0x80 | UInt8(rest & 0x3F), at: 0)
      rest >>= 6
      room >>= 1
    } while rest > room
    return [UInt8(truncatingIfNeeded: ~room << 1) | UInt8(rest)] + tail
  }
}

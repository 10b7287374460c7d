/// Tells whether Lua text ends inside a string or a long comment, where every space counts.
enum OpenString {
  static func isOpen(atEndOf text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        if !skipString(&rest, quote: byte) { return true }
      case UInt8(ascii: "["):
        if let level = longBracketLevel(&rest), !skipLongBracket(&rest, level) { return true }
      case UInt8(ascii: "-") where rest.first == UInt8(ascii: "-"):
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "[") {
          rest = rest.dropFirst()
          if let level = longBracketLevel(&rest) {
            if !skipLongBracket(&rest, level) { return true }
            continue
          }
        }
        rest = rest.drop { $0 != UInt8(ascii: "\n") }
      default: break
      }
    }
    return false
  }

  /// False when the text ends first; a newline without a backslash ends the string, as it does in Lua.
  private static func skipString(_ rest: inout ArraySlice<UInt8>, quote: UInt8) -> Bool {
    while let byte = rest.popFirst() {
      if byte == quote || byte == UInt8(ascii: "\n") { return true }
      if byte == UInt8(ascii: "\\") { rest = rest.dropFirst() }
    }
    return false
  }

  /// The number of `=` in an opening long bracket whose first `[` is taken, or nil if it opens none.
  private static func longBracketLevel(_ rest: inout ArraySlice<UInt8>) -> Int? {
    let level = rest.prefix { $0 == UInt8(ascii: "=") }.count
    guard rest.dropFirst(level).first == UInt8(ascii: "[") else { return nil }
    rest = rest.dropFirst(level + 1)
    return level
  }

  private static func skipLongBracket(_ rest: inout ArraySlice<UInt8>, _ level: Int) -> Bool {
    let end = [UInt8(ascii: "]")] + Array(repeating: UInt8(ascii: "="), count: level) + [UInt8(ascii: "]")]
    while !rest.isEmpty {
      if rest.starts(with: end) {
        rest = rest.dropFirst(end.count)
        return true
      }
      rest = rest.dropFirst()
    }
    return false
  }
}

/// Quoting of words for a POSIX shell, by the one rule that has no exceptions: single quotes.
package enum ShellQuote {
  /// A word that every POSIX shell reads back as this text; a NUL, which no argument can hold, is left out.
  package static func word(_ text: String) -> String {
    if !text.isEmpty, text.utf8.allSatisfy(isPlain) { return text }
    let words = text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "'": result += #"'\''"#
      case "\0": break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return "'\(words)'"
  }

  /// One command line of many words.
  package static func line(_ words: [String]) -> String { words.map(word).joined(separator: " ") }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"): true
    case UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "%"): true
    default: false
    }
  }
}

/// Finds where in an entry the syntax goes wrong; Lua itself names only the line.
struct SyntaxMark: Equatable {
  /// The line of the entry, from 0.
  let line: Int
  /// The text of that line.
  let text: String
  /// The characters of the line before the mistake.
  let column: Int
  /// The word or sign that cannot stand there.
  let token: String

  /// Searched entries end here: each candidate is compiled once.
  private static let limit = 2000

  /// Marks the first thing after the longest beginning that could still become an entry.
  ///
  /// `isInvalid` compiles a text; nil when the entry is too long or fails as a whole for another reason.
  init?(_ source: String, isInvalid: (String) -> Bool) {
    guard source.utf8.count <= Self.limit else { return nil }
    var end = source.endIndex
    while end > source.startIndex, isInvalid(String(source[..<end])) { end = source.index(before: end) }
    // A blank after a word is part of no mistake.
    guard let start = source[end...].firstIndex(where: { !$0.isWhitespace }) else { return nil }
    let lineStart = source[..<start].lastIndex(where: \.isNewline).map(source.index(after:)) ?? source.startIndex
    let rest = source[start...]
    let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    line = source[..<start].count(where: \.isNewline)
    text = String(source[lineStart...].prefix { !$0.isNewline })
    column = source.distance(from: lineStart, to: start)
    token = String(word.isEmpty ? rest.prefix(1) : word)
  }
}

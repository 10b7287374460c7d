/// The tokens of a text of which no tree can be made.
package enum LuaTokens {
  /// Where each token begins, as offsets into the UTF-8 text; empty for a text that cannot be cut into tokens.
  package static func starts(in text: String) -> [Int] {
    var lexer = LuaLexer(text)
    var starts: [Int] = []
    while let token = try? lexer.next() {
      if token.kind == .end { return starts }
      starts.append(token.span.bytes.lowerBound)
    }
    return []
  }
}

/// Reads Lua 5.4 (manual 9) into a tree.
///
/// Give it text without command forms and without a `#!` line, as `CommandForm.rewrite` answers it.
package struct LuaParser {
  private var lexer: LuaLexer
  var token: LuaToken
  private var following: LuaToken?
  // Where the last token that was taken ended.
  private(set) var previous: LuaSpan
  private var levels = 0
  // The depth of the deepest tree built since the statement began.
  var deepest = 0
  var isVariadic = true
  var loops = 0

  // Lua's own limit (LUAI_MAXCCALLS), and ours for chains such as `a + b + c …`, which recurse in who walks the tree.
  static let deepestLevel = 200
  static let deepestTree = 400

  private init(_ text: String) throws(LuaSyntaxError) {
    lexer = LuaLexer(text)
    token = try lexer.next()
    previous = LuaSpan(bytes: 0..<0, line: 1, lastLine: 1)
  }

  /// The tree of a chunk; throws for what Lua refuses to compile, with its words and the line.
  package static func parse(_ text: String) throws(LuaSyntaxError) -> LuaBlock {
    var parser = try LuaParser(text)
    let block = try parser.block()
    guard parser.token.kind == .end else { throw parser.failure("'<eof>' expected") }
    try LuaJumps.check(block)
    try LuaScopes(block).checkConstants()
    return block
  }

  /// Takes the current token and reads the next.
  @discardableResult
  mutating func advance() throws(LuaSyntaxError) -> LuaToken {
    let taken = token
    previous = taken.span
    if let next = following {
      token = next
      following = nil
    } else {
      token = try lexer.next()
    }
    return taken
  }

  /// The token after the current one.
  mutating func peek() throws(LuaSyntaxError) -> LuaToken {
    if let following { return following }
    let next = try lexer.next()
    following = next
    return next
  }

  mutating func take(symbol: String) throws(LuaSyntaxError) -> Bool {
    guard token.isSymbol(symbol) else { return false }
    try advance()
    return true
  }

  mutating func take(keyword: String) throws(LuaSyntaxError) -> Bool {
    guard token.isKeyword(keyword) else { return false }
    try advance()
    return true
  }

  mutating func expect(symbol: String) throws(LuaSyntaxError) {
    guard try take(symbol: symbol) else { throw failure("'\(symbol)' expected") }
  }

  mutating func expect(keyword: String) throws(LuaSyntaxError) {
    guard try take(keyword: keyword) else { throw failure("'\(keyword)' expected") }
  }

  /// Takes what closes `opening`, and says where that stands when it is missing.
  mutating func close(_ word: String, opening: String, at line: Int) throws(LuaSyntaxError) {
    if token.isSymbol(word) || token.isKeyword(word) {
      try advance()
    } else if line == token.span.line {
      throw failure("'\(word)' expected")
    } else {
      throw failure("'\(word)' expected (to close '\(opening)' at line \(line))")
    }
  }

  mutating func name() throws(LuaSyntaxError) -> LuaName {
    guard case .name(let text) = token.kind else { throw failure("<name> expected") }
    return LuaName(text: text, span: try advance().span)
  }

  /// Runs a part of the grammar that can nest.
  mutating func nested<Result>(_ body: (inout LuaParser) throws(LuaSyntaxError) -> Result) throws(LuaSyntaxError)
    -> Result
  {
    guard levels < LuaParser.deepestLevel else { throw failure("chunk has too many syntax levels") }
    levels += 1
    defer { levels -= 1 }
    return try body(&self)
  }

  /// An expression from `start` to the last token; `depth` is that of its deepest part.
  mutating func make(_ kind: LuaExpression.Kind, from start: LuaSpan, sign: LuaSpan? = nil, depth: Int = 0)
    throws(LuaSyntaxError) -> LuaExpression
  {
    guard depth < LuaParser.deepestTree else { throw failure("chunk has too many syntax levels") }
    deepest = max(deepest, depth + 1)
    return LuaExpression(kind, span: start.through(previous), sign: sign ?? start, depth: depth + 1)
  }

  func failure(_ message: String) -> LuaSyntaxError {
    let word = token.kind == .end ? "<eof>" : "'\(lexer.text(token.span.bytes))'"
    return LuaSyntaxError(
      message: "\(message) near \(word)",
      line: token.span.line,
      offset: token.span.bytes.lowerBound
    )
  }
}

/// Why a text is not Lua.
package struct LuaSyntaxError: Error, Equatable, Sendable {
  /// In Lua's words, without the position.
  package var message: String
  package var line: Int
  /// UTF-8 offset of the token that does not fit.
  package var offset: Int
}

extension LuaParser {
  var endsBlock: Bool {
    switch token.kind {
    case .end: true
    case .keyword(let word): ["else", "elseif", "end", "until"].contains(word)
    default: false
    }
  }

  mutating func block() throws(LuaSyntaxError) -> LuaBlock {
    var statements: [LuaStatement] = []
    let start = token.span
    while !endsBlock {
      if try take(symbol: ";") { continue }
      let isLast = token.isKeyword("return")
      statements.append(try statement())
      if isLast { break }
    }
    let end = token.span
    let span = LuaSpan(
      bytes: start.bytes.lowerBound..<end.bytes.lowerBound,
      line: start.line,
      lastLine: end.line
    )
    let block = LuaBlock(statements: statements, span: span)
    guard block.depth <= LuaParser.deepestTree else { throw failure("chunk has too many syntax levels") }
    deepest = max(deepest, block.depth)
    return block
  }

  private mutating func loopBlock() throws(LuaSyntaxError) -> LuaBlock {
    loops += 1
    defer { loops -= 1 }
    return try block()
  }

  private mutating func statement() throws(LuaSyntaxError) -> LuaStatement {
    let outer = deepest
    deepest = 0
    let start = token.span
    let kind = try nested { parser throws(LuaSyntaxError) in try parser.kindOfStatement() }
    let statement = LuaStatement(kind, span: start.through(previous), depth: deepest + 1)
    deepest = max(outer, statement.depth)
    return statement
  }

  private mutating func kindOfStatement() throws(LuaSyntaxError) -> LuaStatement.Kind {
    if token.isSymbol("::") { return try label() }
    guard case .keyword(let word) = token.kind else { return try expressionStatement() }
    let line = token.span.line
    switch word {
    case "if": return try conditional()
    case "while":
      try advance()
      let condition = try expression()
      try expect(keyword: "do")
      let body = try loopBlock()
      try close("end", opening: word, at: line)
      return .whileLoop(condition: condition, body: body)
    case "do":
      try advance()
      let body = try block()
      try close("end", opening: word, at: line)
      return .block(body)
    case "for": return try forLoop()
    case "repeat":
      try advance()
      let body = try loopBlock()
      try close("until", opening: word, at: line)
      return .repeatLoop(body: body, condition: try expression())
    case "function": return try functionStatement()
    case "local": return try local()
    case "return": return try returning()
    case "break":
      guard loops > 0 else { throw LuaSyntaxError.loop(token.span) }
      try advance()
      return .breaking
    case "goto":
      try advance()
      return .jump(try name())
    default: return try expressionStatement()
    }
  }

  private mutating func label() throws(LuaSyntaxError) -> LuaStatement.Kind {
    try advance()
    let name = try name()
    try expect(symbol: "::")
    return .label(name)
  }

  private mutating func conditional() throws(LuaSyntaxError) -> LuaStatement.Kind {
    let line = token.span.line
    var clauses: [LuaClause] = []
    repeat {
      try advance()
      let condition = try expression()
      try expect(keyword: "then")
      clauses.append(LuaClause(condition: condition, body: try block()))
    } while token.isKeyword("elseif")
    let otherwise = try take(keyword: "else") ? try block() : nil
    try close("end", opening: "if", at: line)
    return .conditional(clauses, otherwise: otherwise)
  }

  private mutating func forLoop() throws(LuaSyntaxError) -> LuaStatement.Kind {
    let line = try advance().span.line
    let first = try name()
    if try take(symbol: "=") {
      let from = try expression()
      try expect(symbol: ",")
      let to = try expression()
      let step = try take(symbol: ",") ? try expression() : nil
      return .numericFor(first, from: from, to: to, step: step, body: try loopBody(line))
    }
    guard token.isSymbol(",") || token.isKeyword("in") else { throw failure("'=' or 'in' expected") }
    var names = [first]
    while try take(symbol: ",") { names.append(try name()) }
    try expect(keyword: "in")
    let values = try expressions()
    return .genericFor(names, values: values, body: try loopBody(line))
  }

  private mutating func loopBody(_ line: Int) throws(LuaSyntaxError) -> LuaBlock {
    try expect(keyword: "do")
    let body = try loopBlock()
    try close("end", opening: "for", at: line)
    return body
  }

  private mutating func returning() throws(LuaSyntaxError) -> LuaStatement.Kind {
    try advance()
    let values = endsBlock || token.isSymbol(";") ? [] : try expressions()
    _ = try take(symbol: ";")
    guard endsBlock else { throw failure("'<eof>' expected") }
    return .returning(values)
  }

  private mutating func expressionStatement() throws(LuaSyntaxError) -> LuaStatement.Kind {
    let first = try suffixed()
    guard token.isSymbol("=") || token.isSymbol(",") else {
      switch first.kind {
      case .call, .method: return .call(first)
      default: throw failure("syntax error")
      }
    }
    var targets = [first]
    try checkAssignable(first)
    while try take(symbol: ",") {
      guard targets.count < LuaParser.deepestLevel else { throw failure("chunk has too many syntax levels") }
      let target = try suffixed()
      try checkAssignable(target)
      targets.append(target)
    }
    try expect(symbol: "=")
    return .assignment(targets: targets, values: try expressions())
  }

  private func checkAssignable(_ expression: LuaExpression) throws(LuaSyntaxError) {
    switch expression.kind {
    case .name, .field, .index: return
    default: throw failure("syntax error")
    }
  }
}

extension LuaSyntaxError {
  static func loop(_ span: LuaSpan) -> LuaSyntaxError {
    LuaSyntaxError(
      message: "break outside a loop at line \(span.line)",
      line: span.line,
      offset: span.bytes.lowerBound
    )
  }
}

extension LuaParser {
  mutating func expression() throws(LuaSyntaxError) -> LuaExpression {
    try operation(above: 0)
  }

  mutating func expressions() throws(LuaSyntaxError) -> [LuaExpression] {
    var list = [try expression()]
    while try take(symbol: ",") { list.append(try expression()) }
    return list
  }

  // subexpr of lparser.c: operators that bind tighter than `limit`.
  private mutating func operation(above limit: Int) throws(LuaSyntaxError) -> LuaExpression {
    try nested { parser throws(LuaSyntaxError) in
      var left = try parser.operand()
      while let sign = parser.binaryOperator, sign.priority.left > limit {
        let token = try parser.advance()
        let right = try parser.operation(above: sign.priority.right)
        let depth = max(left.depth, right.depth)
        left = try parser.make(.binary(sign, left, right), from: left.span, sign: token.span, depth: depth)
      }
      return left
    }
  }

  private mutating func operand() throws(LuaSyntaxError) -> LuaExpression {
    guard let sign = unaryOperator else { return try simple() }
    let start = try advance().span
    let operand = try operation(above: LuaUnaryOperator.priority)
    return try make(.unary(sign, operand), from: start, depth: operand.depth)
  }

  private var unaryOperator: LuaUnaryOperator? {
    switch token.kind {
    case .symbol(let sign), .keyword(let sign): LuaUnaryOperator(rawValue: sign)
    default: nil
    }
  }

  private var binaryOperator: LuaBinaryOperator? {
    switch token.kind {
    case .symbol(let sign), .keyword(let sign): LuaBinaryOperator(rawValue: sign)
    default: nil
    }
  }

  private mutating func simple() throws(LuaSyntaxError) -> LuaExpression {
    let start = token.span
    let kind: LuaExpression.Kind
    switch token.kind {
    case .integer(let value): kind = .integer(value)
    case .number(let value): kind = .number(value)
    case .string(let bytes): kind = .string(bytes)
    case .keyword("nil"): kind = .nil
    case .keyword("true"): kind = .bool(true)
    case .keyword("false"): kind = .bool(false)
    case .symbol("..."):
      guard isVariadic else { throw failure("cannot use '...' outside a vararg function") }
      kind = .varargs
    case .symbol("{"): return try table()
    case .keyword("function"):
      try advance()
      let body = try functionBody(start.line)
      return try make(.function(body), from: start, depth: body.body.depth)
    default: return try suffixed()
    }
    try advance()
    return try make(kind, from: start)
  }

  /// A name or a parenthesized expression with what follows it: fields, indexes and calls.
  mutating func suffixed() throws(LuaSyntaxError) -> LuaExpression {
    var expression = try primary()
    while let longer = try suffix(of: expression) { expression = longer }
    return expression
  }

  private mutating func primary() throws(LuaSyntaxError) -> LuaExpression {
    let start = token.span
    if case .name = token.kind { return try make(.name(try name()), from: start) }
    guard try take(symbol: "(") else { throw failure("unexpected symbol") }
    let inner = try expression()
    try close(")", opening: "(", at: start.line)
    return try make(.parenthesized(inner), from: start, depth: inner.depth)
  }

  private mutating func suffix(of object: LuaExpression) throws(LuaSyntaxError) -> LuaExpression? {
    switch token.kind {
    case .symbol("."):
      try advance()
      return try make(.field(object, try name()), from: object.span, depth: object.depth)
    case .symbol("["):
      let sign = try advance().span
      let key = try expression()
      try expect(symbol: "]")
      return try make(.index(object, key: key), from: object.span, sign: sign, depth: max(object.depth, key.depth))
    case .symbol(":"):
      try advance()
      let name = try name()
      let (arguments, depth) = try arguments()
      return try make(.method(object, name, arguments), from: object.span, depth: max(object.depth, depth))
    case .symbol("("), .symbol("{"), .string:
      let (arguments, depth) = try arguments()
      return try make(.call(object, arguments), from: object.span, depth: max(object.depth, depth))
    default: return nil
    }
  }

  private mutating func arguments() throws(LuaSyntaxError) -> (LuaArguments, depth: Int) {
    let start = token.span
    let form: LuaArguments.Form
    let values: [LuaExpression]
    switch token.kind {
    case .string:
      form = .string
      values = [try simple()]
    case .symbol("{"):
      form = .table
      values = [try table()]
    case .symbol("("):
      form = .parentheses
      try advance()
      values = token.isSymbol(")") ? [] : try expressions()
      try close(")", opening: "(", at: start.line)
    default: throw failure("function arguments expected")
    }
    let arguments = LuaArguments(form: form, values: values, span: start.through(previous))
    return (arguments, values.lazy.map(\.depth).max() ?? 0)
  }

  private mutating func table() throws(LuaSyntaxError) -> LuaExpression {
    let start = token.span
    try expect(symbol: "{")
    var fields: [LuaTableField] = []
    var depth = 0
    while !token.isSymbol("}") {
      let field = try field()
      if case .keyed(let key, _) = field { depth = max(depth, key.depth) }
      depth = max(depth, field.value.depth)
      fields.append(field)
      if try take(symbol: ",") { continue }
      guard try take(symbol: ";") else { break }
    }
    try close("}", opening: "{", at: start.line)
    return try make(.table(fields), from: start, depth: depth)
  }

  private mutating func field() throws(LuaSyntaxError) -> LuaTableField {
    if token.isSymbol("[") {
      try advance()
      let key = try expression()
      try expect(symbol: "]")
      try expect(symbol: "=")
      return .keyed(key, try expression())
    }
    if case .name = token.kind, try peek().isSymbol("=") {
      let name = try name()
      try advance()
      return .named(name, try expression())
    }
    return .positional(try expression())
  }
}

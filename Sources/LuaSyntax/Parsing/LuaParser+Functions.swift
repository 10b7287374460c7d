extension LuaParser {
  mutating func functionStatement() throws(LuaSyntaxError) -> LuaStatement.Kind {
    let line = try advance().span.line
    var path = [try name()]
    while try take(symbol: ".") {
      guard path.count < LuaParser.deepestTree else { throw failure("chunk has too many syntax levels") }
      path.append(try name())
    }
    let method = try take(symbol: ":") ? try name() : nil
    return .function(LuaFunctionName(path: path, method: method), try functionBody(line))
  }

  mutating func local() throws(LuaSyntaxError) -> LuaStatement.Kind {
    try advance()
    if token.isKeyword("function") {
      let line = try advance().span.line
      let name = try name()
      return .localFunction(name, try functionBody(line))
    }
    var locals: [LuaLocal] = []
    repeat {
      let name = try name()
      let attribute = try attribute()
      if attribute == .close, locals.contains(where: { $0.attribute == .close }) {
        throw failure("multiple to-be-closed variables in local list")
      }
      locals.append(LuaLocal(name: name, attribute: attribute))
    } while try take(symbol: ",")
    let values = try take(symbol: "=") ? try expressions() : []
    return .local(locals, values: values)
  }

  private mutating func attribute() throws(LuaSyntaxError) -> LuaLocal.Attribute? {
    guard try take(symbol: "<") else { return nil }
    let word = try name()
    try expect(symbol: ">")
    guard let attribute = LuaLocal.Attribute(rawValue: word.text) else {
      throw LuaSyntaxError(
        message: "unknown attribute '\(word.text)'",
        line: word.span.line,
        offset: word.span.bytes.lowerBound
      )
    }
    return attribute
  }

  /// Parameters, block and `end`; `line` is where `function` stands.
  mutating func functionBody(_ line: Int) throws(LuaSyntaxError) -> LuaFunctionBody {
    let (outerVariadic, outerLoops) = (isVariadic, loops)
    defer { (isVariadic, loops) = (outerVariadic, outerLoops) }
    let start = token.span
    try expect(symbol: "(")
    var parameters: [LuaName] = []
    isVariadic = false
    loops = 0
    if !token.isSymbol(")") {
      repeat {
        if try take(symbol: "...") {
          isVariadic = true
          break
        }
        parameters.append(try name())
      } while try take(symbol: ",")
    }
    let variadic = isVariadic
    try expect(symbol: ")")
    let body = try block()
    try close("end", opening: "function", at: line)
    return LuaFunctionBody(parameters: parameters, isVariadic: variadic, body: body, span: start.through(previous))
  }
}

import LuaSyntax

/// An expression with every operator in brackets, so that a test can read how it was understood.
func outline(_ expression: LuaExpression) -> String {
  switch expression.kind {
  case .nil: "nil"
  case .bool(let bool): "\(bool)"
  case .integer(let integer): "\(integer)"
  case .number(let number): "\(number)"
  case .string(let bytes): "'\(String(decoding: bytes, as: UTF8.self))'"
  case .varargs: "..."
  case .function(let body):
    "function/\(body.parameters.count)\(body.isVariadic ? "+" : "")/\(body.body.statements.count)"
  case .name(let name): name.text
  case .field(let object, let name): "\(outline(object)).\(name.text)"
  case .index(let object, let key): "\(outline(object))[\(outline(key))]"
  case .call(let object, let arguments): "\(outline(object))(\(outline(arguments.values)))"
  case .method(let object, let name, let arguments): "\(outline(object)):\(name.text)(\(outline(arguments.values)))"
  case .unary(let sign, let operand): "(\(sign.rawValue) \(outline(operand)))"
  case .binary(let sign, let left, let right): "(\(outline(left)) \(sign.rawValue) \(outline(right)))"
  case .table(let fields): "{\(fields.map(outline).joined(separator: ", "))}"
  case .parenthesized(let inner): "<\(outline(inner))>"
  }
}

private func outline(_ expressions: [LuaExpression]) -> String {
  expressions.map { outline($0) }.joined(separator: ", ")
}

private func outline(_ field: LuaTableField) -> String {
  switch field {
  case .positional(let value): outline(value)
  case .named(let name, let value): "\(name.text)=\(outline(value))"
  case .keyed(let key, let value): "[\(outline(key))]=\(outline(value))"
  }
}

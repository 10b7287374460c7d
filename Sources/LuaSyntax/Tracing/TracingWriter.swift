/// Copies source text and puts calls of the tracing operators around what decides.
///
/// It goes through the tree in the order of the source, so a position never moves back.
struct TracingWriter {
  private let bytes: [UInt8]
  private let scopes: LuaScopes
  private let operators: String
  private var output: [UInt8] = []
  private var position = 0
  private var hasChanges = false

  init(_ text: String, _ scopes: LuaScopes, operators: String) {
    bytes = Array(text.utf8)
    self.scopes = scopes
    self.operators = operators
    output.reserveCapacity(bytes.count * 2)
  }

  /// The whole text; nil when nothing was changed.
  mutating func finish() -> String? {
    copy(to: bytes.count)
    return hasChanges ? String(decoding: output, as: UTF8.self) : nil
  }

  private mutating func copy(to end: Int) {
    guard end > position else { return }
    output += bytes[position..<end]
    position = end
  }

  private mutating func insert(_ text: String, at offset: Int) {
    copy(to: offset)
    output += Array(text.utf8)
    hasChanges = true
  }

  private mutating func replace(_ range: Range<Int>, by text: String) {
    insert(text, at: range.lowerBound)
    position = range.upperBound
  }

  mutating func block(_ block: LuaBlock) {
    for statement in block.statements { self.statement(statement) }
  }

  private mutating func statement(_ statement: LuaStatement) {
    switch statement.kind {
    case .assignment(let targets, let values):
      for (index, target) in targets.enumerated() { self.target(target, isFirst: index == 0) }
      for value in values { expression(value) }
    case .call(let call): expression(call, isFirst: true)
    case .whileLoop(let condition, let body):
      decide(condition, "while")
      block(body)
    case .repeatLoop(let body, let condition):
      block(body)
      decide(condition, "until")
    case .conditional(let clauses, let otherwise):
      for clause in clauses {
        decide(clause.condition, "if")
        block(clause.body)
      }
      if let otherwise { block(otherwise) }
    case .numericFor(_, _, _, _, let body):
      for bound in statement.expressions { decide(bound, "for") }
      block(body)
    case .genericFor(_, let values, let body):
      each(values)
      block(body)
    case .localFunction(_, let body), .function(_, let body): block(body.body)
    default:
      for value in statement.expressions { expression(value) }
      for inner in statement.blocks { block(inner) }
    }
  }

  private mutating func each(_ values: [LuaExpression]) {
    guard let first = values.first, let last = values.last else { return }
    insert("\(operators).each(", at: first.span.bytes.lowerBound)
    for value in values { expression(value) }
    insert(")", at: last.span.bytes.upperBound)
  }

  private mutating func target(_ target: LuaExpression, isFirst: Bool) {
    switch target.kind {
    case .field(let object, _): expression(object, isFirst: isFirst)
    case .index(let object, let key):
      expression(object, isFirst: isFirst)
      self.key(key)
    default: break
    }
  }

  private mutating func key(_ key: LuaExpression) {
    wrap(key, by: "\(operators).key(", ")")
  }

  // Of `a or b` each side is decided by itself: a chain of a hundred does not nest a hundred calls.
  private mutating func decide(_ condition: LuaExpression, _ use: String) {
    if case .binary(let sign, let left, let right) = condition.kind, sign == .and || sign == .or {
      decide(left, sign.rawValue)
      return decide(right, use)
    }
    wrap(condition, by: "\(operators).decide(", ", \"\(use)\")")
  }

  private mutating func wrap(_ expression: LuaExpression, by opening: String, _ closing: String) {
    guard !expression.isKnown else { return self.expression(expression) }
    insert(opening, at: expression.span.bytes.lowerBound)
    self.expression(expression)
    insert(closing, at: expression.span.bytes.upperBound)
  }

  // `isFirst`: a statement begins with it, so it may not begin with a parenthesis, which would call what stands before.
  private mutating func expression(_ expression: LuaExpression, isFirst: Bool = false) {
    switch expression.kind {
    case .function(let body): block(body.body)
    case .index(let object, let key) where !key.isKnown:
      operation("[]", expression, object, key, name: description(of: object), isFirst: isFirst)
    case .binary(let sign, let left, let right):
      switch sign {
      case .and, .or:
        decide(left, sign.rawValue)
        self.expression(right)
      case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
        operation(sign.rawValue, expression, left, right)
      default:
        self.expression(left)
        self.expression(right)
      }
    case .unary(.not, let operand):
      let start = expression.span.bytes.lowerBound
      replace(start..<(start + "not".utf8.count), by: "(\(operators)[\"not\"](")
      self.expression(operand)
      insert("))", at: operand.span.bytes.upperBound)
    case .table(let fields):
      for field in fields {
        if case .keyed(let key, _) = field { self.key(key) }
        self.expression(field.value)
      }
    default:
      for (index, child) in expression.children.enumerated() {
        let isOpen = if case .parenthesized = expression.kind { true } else { false }
        self.expression(child, isFirst: isFirst && index == 0 && !isOpen)
      }
    }
  }

  // The parentheses keep `return a == b` from becoming a tail call, which would lose the line of an error.
  private mutating func operation(
    _ sign: String,
    _ whole: LuaExpression,
    _ left: LuaExpression,
    _ right: LuaExpression,
    name: String? = nil,
    isFirst: Bool = false
  ) {
    let start = whole.span.bytes.lowerBound
    let named = name.map { ", \"\($0)\"" } ?? ""
    let isIndex = sign == "[]"
    if whole.span.line == whole.span.lastLine {
      insert("\(isFirst ? "" : "(")\(operators)[\"\(sign)\"](", at: start)
      expression(left)
      replace(whole.sign.bytes, by: ", ")
      expression(right)
      close(whole, isIndex, with: "\(named))\(isFirst ? "" : ")")")
    } else {
      // Lua gives a comparison the line on which it ends, and a call that on which it begins: so an operator of Lua
      // stands where the comparison ends.
      insert("\(isFirst ? ";" : "")(\(operators).later(\"\(sign)\", ", at: start)
      expression(left)
      replace(whole.sign.bytes, by: ", ")
      expression(right)
      close(whole, isIndex, with: "\(named)) % 0)")
    }
  }

  private mutating func close(_ whole: LuaExpression, _ isIndex: Bool, with text: String) {
    let end = whole.span.bytes.upperBound
    if isIndex { replace((end - 1)..<end, by: text) } else { insert(text, at: end) }
  }

  // What Lua calls the object of an index in "attempt to index a nil value (local 'x')".
  private func description(of object: LuaExpression) -> String? {
    switch object.bare.kind {
    case .name(let name):
      switch scopes.use(of: name)?.kind {
      case .local: return "local '\(name.text)'"
      case .upvalue: return "upvalue '\(name.text)'"
      case .global, nil: return "global '\(name.text)'"
      }
    case .field(_, let name): return "field '\(name.text)'"
    case .index: return "field '?'"
    default: return nil
    }
  }
}

extension LuaExpression {
  /// Whether it is a literal, which nothing can make unknown.
  fileprivate var isKnown: Bool {
    switch kind {
    case .nil, .bool, .integer, .number, .string, .function: true
    default: false
    }
  }
}

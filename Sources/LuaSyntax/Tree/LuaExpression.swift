/// One expression (manual 3.4).
package struct LuaExpression: Sendable {
  package indirect enum Kind: Sendable {
    case `nil`
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    /// The bytes that the literal stands for.
    case string([UInt8])
    /// `...`
    case varargs
    case function(LuaFunctionBody)
    case name(LuaName)
    /// `object.name`
    case field(LuaExpression, LuaName)
    /// `object[key]`
    case index(LuaExpression, key: LuaExpression)
    case call(LuaExpression, LuaArguments)
    /// `object:name(…)`
    case method(LuaExpression, LuaName, LuaArguments)
    case unary(LuaUnaryOperator, LuaExpression)
    case binary(LuaBinaryOperator, LuaExpression, LuaExpression)
    case table([LuaTableField])
    case parenthesized(LuaExpression)
  }

  package var kind: Kind
  package var span: LuaSpan
  /// The operator between operands or the `[` of an index; of everything else the first token.
  package var sign: LuaSpan
  // How deep the tree below is: who walks it recurses that far.
  let depth: Int

  init(_ kind: Kind, span: LuaSpan, sign: LuaSpan, depth: Int) {
    self.kind = kind
    self.span = span
    self.sign = sign
    self.depth = depth
  }

  /// The text of a string literal that is valid UTF-8, else nil.
  package var text: String? {
    guard case .string(let bytes) = kind else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// `fleet.deploy` of such a path of names, else nil.
  package var path: String? {
    switch kind {
    case .name(let name): return name.text
    case .field(let object, let name): return object.path.map { "\($0).\(name.text)" }
    default: return nil
    }
  }

  /// The expression without the parentheses around it.
  package var bare: LuaExpression {
    var expression = self
    while case .parenthesized(let inner) = expression.kind { expression = inner }
    return expression
  }

  /// Whether it may answer several values: a call or `...`.
  package var isMultiple: Bool {
    switch kind {
    case .call, .method, .varargs: true
    default: false
    }
  }
}

/// What a call passes, and in which form it is written.
package struct LuaArguments: Sendable {
  package enum Form: Sendable {
    case parentheses
    /// `f{…}`, which the command form becomes too.
    case table
    case string
  }

  package var form: Form
  package var values: [LuaExpression]
  /// With the parentheses.
  package var span: LuaSpan
}

/// One field of a table constructor.
package enum LuaTableField: Sendable {
  case positional(LuaExpression)
  case named(LuaName, LuaExpression)
  case keyed(LuaExpression, LuaExpression)

  /// The value of the field.
  package var value: LuaExpression {
    switch self {
    case .positional(let value), .named(_, let value), .keyed(_, let value): value
    }
  }
}

/// Parameters and body of a function.
package struct LuaFunctionBody: Sendable {
  /// As written; a method's `self` is not among them.
  package var parameters: [LuaName]
  package var isVariadic: Bool
  package var body: LuaBlock
  /// From the parameters' parenthesis to `end`.
  package var span: LuaSpan
}
